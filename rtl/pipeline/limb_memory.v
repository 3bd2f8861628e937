// A memory of wide words that is filled in limbs of 32 bits; the word read stands one cycle later.
`default_nettype none

module limb_memory #(
    parameter LIMBS = 4,
    parameter ADDRESS_WIDTH = 8
) (
    input  wire                     clk,
    input  wire                     write_i,
    input  wire [ADDRESS_WIDTH-1:0] write_address_i,
    input  wire [              7:0] write_limb_i,
    input  wire [             31:0] data_i,
    input  wire [ADDRESS_WIDTH-1:0] read_address_i,
    output wire [     32*LIMBS-1:0] data_o
);
  genvar limb;
  generate
    for (limb = 0; limb < LIMBS; limb = limb + 1) begin : g_limb
      localparam [7:0] LIMB = limb;
      memory #(
          .WIDTH(32),
          .ADDRESS_WIDTH(ADDRESS_WIDTH)
      ) u_limb (
          .clk(clk),
          .write_i(write_i && write_limb_i == LIMB),
          .write_address_i(write_address_i),
          .data_i(data_i),
          .read_address_i(read_address_i),
          .data_o(data_o[32*limb+:32])
      );
    end
  endgenerate
endmodule

`default_nettype wire
