// One complex multiplier with its int32 accumulators, which wrap: acc += x w. In the location of the two real bins
// (real_i) the parts are two real products. Latency 2, one a cycle; first_i starts a new sum.
`default_nettype none

module spectral_lane (
    input  wire               clk,
    input  wire               valid_i,
    input  wire               first_i,
    input  wire               real_i,
    input  wire signed [15:0] x_re_i,
    input  wire signed [15:0] x_im_i,
    input  wire signed [15:0] w_re_i,
    input  wire signed [15:0] w_im_i,
    output reg signed  [31:0] acc_re_o,
    output reg signed  [31:0] acc_im_o
);
  // Kept as they are: for iCE40, Yosys loses a multiplier of a sum of two registered products otherwise.
  (* keep *) reg signed [31:0] re_re_q, im_im_q, re_im_q, im_re_q;
  reg valid_q, first_q, real_q;

  wire signed [31:0] term_re = real_q ? re_re_q : re_re_q - im_im_q;
  wire signed [31:0] term_im = real_q ? im_im_q : re_im_q + im_re_q;

  always @(posedge clk) begin
    valid_q <= valid_i;
    first_q <= first_i;
    real_q  <= real_i;
    re_re_q <= x_re_i * w_re_i;
    im_im_q <= x_im_i * w_im_i;
    re_im_q <= x_re_i * w_im_i;
    im_re_q <= x_im_i * w_re_i;
    if (valid_q) begin
      acc_re_o <= (first_q ? 32'sd0 : acc_re_o) + term_re;
      acc_im_o <= (first_q ? 32'sd0 : acc_im_o) + term_im;
    end
  end
endmodule

`default_nettype wire
