// What the block memories of the families share: two ports to one array, each of its own width, of which at most one writes;
// synchronous reads. An address counts bits of data: a port of 2^n of them ignores the lowest n. Eight bits of data stand in
// nine of memory, and ports narrower than nine bits do not see the ninth. The array has words of the wider port.
// A port that writes reads its old word (MODE 1), the new one (MODE 2), or keeps what it read before (MODE 0). Where the
// devices promise nothing, for a read of the place that the other port writes in MODE 0 or 2, the word comes out inverted.
// IMAGE, if given, holds the first words.
`default_nettype none

module ram_cell #(
    parameter ADDRESS_WIDTH = 14,
    parameter WIDTH_A = 18,
    parameter WIDTH_B = 18,
    parameter IMAGE = "",
    parameter MODE_A = 1,
    parameter MODE_B = 1,
    parameter RESET_NEEDS_ENABLE = 1,
    parameter RESET_BLOCKS_WRITE = 0,
    parameter WRITES_A = 1,
    parameter WRITES_B = 1
) (
    input  wire                                     clk_a_i,
    input  wire                                     enable_a_i,
    input  wire                                     reset_a_i,
    input  wire [((WIDTH_A < 18)?1:WIDTH_A/9)-1:0]  write_a_i,  // of each nine bits, or of the narrower word
    input  wire [                ADDRESS_WIDTH-1:0] address_a_i,
    input  wire [                      WIDTH_A-1:0] data_a_i,
    input  wire [                      WIDTH_A-1:0] reset_word_a_i,
    output reg  [                      WIDTH_A-1:0] data_a_o,
    input  wire                                     clk_b_i,
    input  wire                                     enable_b_i,
    input  wire                                     reset_b_i,
    input  wire [((WIDTH_B < 18)?1:WIDTH_B/9)-1:0]  write_b_i,
    input  wire [                ADDRESS_WIDTH-1:0] address_b_i,
    input  wire [                      WIDTH_B-1:0] data_b_i,
    input  wire [                      WIDTH_B-1:0] reset_word_b_i,
    output reg  [                      WIDTH_B-1:0] data_b_o
);
  localparam WIDTH = (WIDTH_A > WIDTH_B) ? WIDTH_A : WIDTH_B;
  localparam DATA = (WIDTH < 9) ? WIDTH : 8 * (WIDTH / 9);
  localparam DATA_A = (WIDTH_A < 9) ? WIDTH_A : 8 * (WIDTH_A / 9);
  localparam DATA_B = (WIDTH_B < 9) ? WIDTH_B : 8 * (WIDTH_B / 9);
  localparam UNIT_A = (WIDTH_A < 9) ? WIDTH_A : 9;
  localparam UNIT_B = (WIDTH_B < 9) ? WIDTH_B : 9;
  localparam LOG2_DATA = $clog2(DATA);
  localparam ROW_WIDTH = ADDRESS_WIDTH - LOG2_DATA;
  // The address bits that choose a port's part of a word.
  localparam [6:0] PART_A = DATA - DATA_A;
  localparam [6:0] PART_B = DATA - DATA_B;

  generate
    if (WRITES_A != 0 && WRITES_B != 0) begin : g_bad_writes
      ERROR_ram_cell_two_writing_ports_are_not_modelled u_bad ();
    end
  endgenerate

  reg [WIDTH-1:0] mem[0:(1<<ROW_WIDTH)-1];
  generate
    if (IMAGE != "") begin : g_image
      initial $readmemh(IMAGE, mem);
    end
  endgenerate

  wire [6:0] part_a = address_a_i[6:0] & PART_A;
  wire [6:0] part_b = address_b_i[6:0] & PART_B;
  wire [6:0] low_a = (WIDTH < 9) ? part_a : part_a + (part_a >> 3);
  wire [6:0] low_b = (WIDTH < 9) ? part_b : part_b + (part_b >> 3);
  wire [ROW_WIDTH-1:0] row_a = address_a_i[ADDRESS_WIDTH-1:LOG2_DATA];
  wire [ROW_WIDTH-1:0] row_b = address_b_i[ADDRESS_WIDTH-1:LOG2_DATA];

  wire [WIDTH_A-1:0] mask_a;
  wire [WIDTH_B-1:0] mask_b;
  genvar at;
  generate
    for (at = 0; at < WIDTH_A; at = at + 1) begin : g_mask_a
      assign mask_a[at] = write_a_i[at/UNIT_A];
    end
    for (at = 0; at < WIDTH_B; at = at + 1) begin : g_mask_b
      assign mask_b[at] = write_b_i[at/UNIT_B];
    end
  endgenerate

  wire writing_a = (WRITES_A != 0) && enable_a_i && (write_a_i != 0) && !(RESET_BLOCKS_WRITE != 0 && reset_a_i);
  wire writing_b = (WRITES_B != 0) && enable_b_i && (write_b_i != 0) && !(RESET_BLOCKS_WRITE != 0 && reset_b_i);
  wire same = (row_a == row_b);
  wire [WIDTH-1:0] row_word_a = mem[row_a];
  wire [WIDTH-1:0] row_word_b = mem[row_b];
  wire [WIDTH-1:0] shifted_a = row_word_a >> low_a;
  wire [WIDTH-1:0] shifted_b = row_word_b >> low_b;
  wire [WIDTH_A-1:0] old_a = shifted_a[WIDTH_A-1:0];
  wire [WIDTH_B-1:0] old_b = shifted_b[WIDTH_B-1:0];
  wire [WIDTH_A-1:0] new_a = (old_a & ~mask_a) | (data_a_i & mask_a);
  wire [WIDTH_B-1:0] new_b = (old_b & ~mask_b) | (data_b_i & mask_b);
  wire [WIDTH-1:0] change_a = {{(WIDTH - WIDTH_A) {1'b0}}, old_a ^ new_a};
  wire [WIDTH-1:0] change_b = {{(WIDTH - WIDTH_B) {1'b0}}, old_b ^ new_b};

  // A port that never writes may have no clock.
  generate
    if (WRITES_A != 0) begin : g_write_a
      always @(posedge clk_a_i) if (writing_a) mem[row_a] <= row_word_a ^ (change_a << low_a);
    end
    if (WRITES_B != 0) begin : g_write_b
      always @(posedge clk_b_i) if (writing_b) mem[row_b] <= row_word_b ^ (change_b << low_b);
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
