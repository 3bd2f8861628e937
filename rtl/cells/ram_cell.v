// What the block memories of the families share: two ports to one array, of which at most one writes, synchronous reads.
// A port that writes reads its old word (MODE 1), the new one (MODE 2), or keeps what it read before (MODE 0). Where the
// devices promise nothing, for a read of the word that the other port writes in MODE 0 or 2, the word comes out inverted.
`default_nettype none

module ram_cell #(
    parameter WIDTH = 18,
    parameter BYTES = 2,
    parameter ADDRESS_WIDTH = 10,
    parameter IMAGE = "",
    parameter MODE_A = 1,
    parameter MODE_B = 1,
    parameter RESET_NEEDS_ENABLE = 1,
    parameter WRITES_A = 1,
    parameter WRITES_B = 1
) (
    input  wire                     clk_a_i,
    input  wire                     enable_a_i,
    input  wire                     reset_a_i,
    input  wire [        BYTES-1:0] write_a_i,
    input  wire [ADDRESS_WIDTH-1:0] address_a_i,
    input  wire [        WIDTH-1:0] data_a_i,
    input  wire [        WIDTH-1:0] reset_word_a_i,
    output reg  [        WIDTH-1:0] data_a_o,
    input  wire                     clk_b_i,
    input  wire                     enable_b_i,
    input  wire                     reset_b_i,
    input  wire [        BYTES-1:0] write_b_i,
    input  wire [ADDRESS_WIDTH-1:0] address_b_i,
    input  wire [        WIDTH-1:0] data_b_i,
    input  wire [        WIDTH-1:0] reset_word_b_i,
    output reg  [        WIDTH-1:0] data_b_o
);
  localparam UNIT = WIDTH / BYTES;

  reg [WIDTH-1:0] mem[0:(1<<ADDRESS_WIDTH)-1];
  initial $readmemh(IMAGE, mem);

  wire writing_a = (WRITES_A != 0) && enable_a_i && (write_a_i != {BYTES{1'b0}});
  wire writing_b = (WRITES_B != 0) && enable_b_i && (write_b_i != {BYTES{1'b0}});
  wire same = (address_a_i == address_b_i);
  wire [WIDTH-1:0] old_a = mem[address_a_i];
  wire [WIDTH-1:0] old_b = mem[address_b_i];

  wire [WIDTH-1:0] new_a, new_b;
  genvar unit;
  generate
    for (unit = 0; unit < BYTES; unit = unit + 1) begin : g_unit
      assign new_a[UNIT*unit+:UNIT] = write_a_i[unit] ? data_a_i[UNIT*unit+:UNIT] : old_a[UNIT*unit+:UNIT];
      assign new_b[UNIT*unit+:UNIT] = write_b_i[unit] ? data_b_i[UNIT*unit+:UNIT] : old_b[UNIT*unit+:UNIT];
    end
  endgenerate

  // A port that never writes may have no clock.
  generate
    if (WRITES_A != 0) begin : g_write_a
      always @(posedge clk_a_i) if (writing_a) mem[address_a_i] <= new_a;
    end
    if (WRITES_B != 0) begin : g_write_b
      always @(posedge clk_b_i) if (writing_b) mem[address_b_i] <= new_b;
    end
  endgenerate

  always @(posedge clk_a_i) begin
    if (reset_a_i && (enable_a_i || RESET_NEEDS_ENABLE == 0)) data_a_o <= reset_word_a_i;
    else if (enable_a_i && !(writing_a && MODE_A == 0)) begin
      if (writing_a && MODE_A == 2) data_a_o <= new_a;
      else data_a_o <= (writing_b && same && MODE_B != 1) ? ~old_a : old_a;
    end
  end

  always @(posedge clk_b_i) begin
    if (reset_b_i && (enable_b_i || RESET_NEEDS_ENABLE == 0)) data_b_o <= reset_word_b_i;
    else if (enable_b_i && !(writing_b && MODE_B == 0)) begin
      if (writing_b && MODE_B == 2) data_b_o <= new_b;
      else data_b_o <= (writing_a && same && MODE_A != 1) ? ~old_b : old_b;
    end
  end
endmodule

`default_nettype wire
