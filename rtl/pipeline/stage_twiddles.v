// The twiddles of one stage of a streaming transform, cosine and sine for each of its butterflies, in the order in which
// its cycles need them (src/rtl/pipeline/order.ts). The word stands one cycle after its address.
`default_nettype none

module stage_twiddles #(
    parameter STAGE = 4,       // log2 of the group size, at least LOG2_PATHS + 2
    parameter LOG2_PATHS = 2,
    parameter IMAGE = ""       // of the files IMAGE_04.hex, IMAGE_05.hex, ... by stage; empty: a loader fills the memory
) (
    input  wire                             clk,
    input  wire [   STAGE-LOG2_PATHS-2:0]   address_i,
    output wire [(32<<(LOG2_PATHS-1))-1:0]  data_o
);
  localparam WIDTH = 32 << (LOG2_PATHS - 1);
  localparam ADDRESS_WIDTH = STAGE - LOG2_PATHS - 1;
  localparam [7:0] TENS = 48 + STAGE / 10;
  localparam [7:0] ONES = 48 + STAGE % 10;

  memory #(
      .WIDTH(WIDTH),
      .ADDRESS_WIDTH(ADDRESS_WIDTH),
      .IMAGE((IMAGE == "") ? "" : {IMAGE, "_", TENS, ONES, ".hex"})
  ) u_words (
      .clk(clk),
      .write_i(1'b0),
      .write_address_i({ADDRESS_WIDTH{1'b0}}),
      .data_i({WIDTH{1'b0}}),
      .read_address_i(address_i),
      .data_o(data_o)
  );
endmodule

`default_nettype wire
