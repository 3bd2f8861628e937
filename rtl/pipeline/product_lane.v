// One complex multiplier with its wrapping int32 accumulators, for one output block and one path. Four products, each in a
// block of its own that multiplies and adds and has no enable: where there is nothing to add, the operands are zero.
// The sums stand 3 cycles after the operands. acc += x w as re = x_re w_re + minus_im w_im, im = cross w_im + x_im w_re.
`default_nettype none

module product_lane (
    input  wire               clk,
    input  wire               first_i,     // starts a new sum, beside the operands
    input  wire signed [15:0] x_re_i,
    input  wire signed [15:0] x_im_i,      // the operands, registered outside for all output blocks;
    input  wire signed [16:0] minus_im_i,  // x_im and minus_im are zero in the location of the two real bins,
    input  wire signed [15:0] cross_i,     // where cross is x_im, else x_re
    input  wire        [31:0] weight_i,    // one cycle before: it is registered here
    output wire        [31:0] sum_re_o,
    output wire        [31:0] sum_im_o
);
  reg signed [15:0] w_re_q, w_im_q;
  // Products that are added modulo 2^32, one of them of 33 bits.
  (* keep *) reg signed [31:0] re_re_q, re_im_q, im_re_q, im_im_q;
  reg signed [31:0] acc_re_re_q, acc_im_im_q, acc_re_im_q, acc_im_re_q;
  reg first_q;
  wire signed [32:0] im_im = minus_im_i * w_im_q;

  always @(posedge clk) begin
    w_re_q <= weight_i[15:0];
    w_im_q <= weight_i[31:16];
    first_q <= first_i;
    re_re_q <= x_re_i * w_re_q;
    im_im_q <= im_im[31:0];
    re_im_q <= cross_i * w_im_q;
    im_re_q <= x_im_i * w_re_q;
    acc_re_re_q <= (first_q ? 32'sd0 : acc_re_re_q) + re_re_q;
    acc_im_im_q <= (first_q ? 32'sd0 : acc_im_im_q) + im_im_q;
    acc_re_im_q <= (first_q ? 32'sd0 : acc_re_im_q) + re_im_q;
    acc_im_re_q <= (first_q ? 32'sd0 : acc_im_re_q) + im_re_q;
  end
  assign sum_re_o = acc_re_re_q + acc_im_im_q;
  assign sum_im_o = acc_re_im_q + acc_im_re_q;

  wire _unused_ok = &{1'b0, im_im[32]};
endmodule

`default_nettype wire
