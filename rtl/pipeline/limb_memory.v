// A memory of wide words that is filled in limbs of 32 bits; the word read stands one cycle later. Of each half of a limb the
// low HALF_BITS bits are kept: it reads as the number of 16 bits that these are.
`default_nettype none

module limb_memory #(
    parameter LIMBS = 4,
    parameter ADDRESS_WIDTH = 8,
    parameter HALF_BITS = 16  // 2 .. 16
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
      wire [2*HALF_BITS-1:0] kept;
      memory #(
          .WIDTH(2 * HALF_BITS),
          .ADDRESS_WIDTH(ADDRESS_WIDTH)
      ) u_limb (
          .clk(clk),
          .write_i(write_i && write_limb_i == LIMB),
          .write_address_i(write_address_i),
          .data_i({data_i[16+:HALF_BITS], data_i[0+:HALF_BITS]}),
          .read_address_i(read_address_i),
          .data_o(kept)
      );
      widen #(
          .WORDS(2),
          .BITS(HALF_BITS)
      ) u_widen (
          .words_i(kept),
          .words_o(data_o[32*limb+:32])
      );
    end
  endgenerate

  wire _unused_ok = &{1'b0, data_i};
endmodule

`default_nettype wire
