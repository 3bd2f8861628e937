// Rows of 2^LOG2_PATHS locations, in a memory for each location: a row read stands one cycle later and is the one from
// before a write of the same cycle. One memory of whole rows Yosys puts, for Xilinx 7, in blocks of 72 bits, four of which it
// loses.
`default_nettype none

module row_memory #(
    parameter LOG2_PATHS = 2,
    parameter ADDRESS_WIDTH = 10
) (
    input  wire                       clk,
    input  wire                       write_i,
    input  wire [  ADDRESS_WIDTH-1:0] write_address_i,
    input  wire [(32<<LOG2_PATHS)-1:0] row_i,
    input  wire [  ADDRESS_WIDTH-1:0] read_address_i,
    output wire [(32<<LOG2_PATHS)-1:0] row_o
);
  genvar path;
  generate
    for (path = 0; path < (1 << LOG2_PATHS); path = path + 1) begin : g_path
      memory #(
          .WIDTH(32),
          .ADDRESS_WIDTH(ADDRESS_WIDTH)
      ) u_locations (
          .clk(clk),
          .write_i(write_i),
          .write_address_i(write_address_i),
          .data_i(row_i[32*path+:32]),
          .read_address_i(read_address_i),
          .data_o(row_o[32*path+:32])
      );
    end
  endgenerate
endmodule

`default_nettype wire
