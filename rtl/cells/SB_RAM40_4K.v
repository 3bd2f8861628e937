// Block memory of the Lattice iCE40, 4 kilobits: rows of 16 bits, written and read whole or in parts of 8, 4 or 2 bits, which
// the highest address pins choose. Yosys has a model of it, too, with a write port for each bit, which takes many
// times as long to build. A read of bits that are being written, of which the device promises nothing, gives them inverted.
// IMAGE, if given, holds the first rows; WRITES is 0 where it is never written.
`default_nettype none

module SB_RAM40_4K #(
    parameter IMAGE = "",
    parameter WRITES = 1,
    parameter READ_MODE = 0,
    parameter WRITE_MODE = 0
) (
    output wire [15:0] RDATA,
    input  wire        RCLK,
    input  wire        RCLKE,
    input  wire        RE,
    input  wire [10:0] RADDR,
    input  wire        WCLK,
    input  wire        WCLKE,
    input  wire        WE,
    input  wire [10:0] WADDR,
    input  wire [15:0] MASK,
    input  wire [15:0] WDATA
);
  // Bits of the row that share a pin: the pin is the one of theirs just below the middle.
  localparam WRITE_GROUP = 1 << WRITE_MODE;
  localparam READ_GROUP = 1 << READ_MODE;
  localparam WRITE_PIN = (WRITE_MODE == 0) ? 0 : WRITE_GROUP / 2 - 1;
  localparam READ_PIN = (READ_MODE == 0) ? 0 : READ_GROUP / 2 - 1;
  localparam [2:0] WRITE_PART = WRITE_GROUP - 1;
  localparam [2:0] READ_PART = READ_GROUP - 1;

  reg [15:0] mem[0:255];
  generate
    if (IMAGE != "") begin : g_image
      initial $readmemh(IMAGE, mem);
    end
  endgenerate

  wire [2:0] write_part = WADDR[10:8] & WRITE_PART;
  wire [2:0] read_part = RADDR[10:8] & READ_PART;
  wire writing = (WRITES != 0) && WE && WCLKE;
  wire [15:0] written, data, selected;
  reg [15:0] row_q;
  genvar at;
  generate
    for (at = 0; at < 16; at = at + 1) begin : g_bit
      localparam [3:0] AT = at;
      assign written[at] = writing && ((WRITE_MODE == 0) ? !MASK[at] : write_part == (AT[2:0] & WRITE_PART));
      assign data[at] = WDATA[WRITE_GROUP*(at/WRITE_GROUP)+WRITE_PIN];
      assign selected[at] = (read_part == (AT[2:0] & READ_PART));
      if (at % READ_GROUP == READ_PIN) begin : g_pin
        assign RDATA[at] = |row_q[READ_GROUP*(at/READ_GROUP)+:READ_GROUP];
      end else begin : g_low
        assign RDATA[at] = 1'b0;
      end
    end
    if (WRITES != 0) begin : g_write
      wire [15:0] old = mem[WADDR[7:0]];
      always @(posedge WCLK) if (writing) mem[WADDR[7:0]] <= (old & ~written) | (data & written);
    end
  endgenerate

  wire [15:0] row = mem[RADDR[7:0]];
  wire same = (WADDR[7:0] == RADDR[7:0]);
  always @(posedge RCLK) begin
    if (RE && RCLKE) row_q <= (same ? row ^ written : row) & selected;
  end
endmodule

`default_nettype wire
