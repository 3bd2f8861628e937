// One butterfly of an inverse transform of real blocks. Latency 4, one a cycle; no enable. With x bin i of the group and
// y bin H - i it makes the words that forward_butterfly.v takes. TRIVIAL: always i = 0. Twin of src/fft/transform.ts.
`default_nettype none

module inverse_butterfly #(
    parameter TRIVIAL = 0
) (
    input  wire               clk,
    input  wire               scaled_i,
    input  wire               first_i,   // i = 0: x holds the two real bins
    input  wire signed [15:0] cosine_i,
    input  wire signed [15:0] sine_i,
    input  wire        [31:0] x_i,
    input  wire        [31:0] y_i,
    output reg         [31:0] x_o,
    output reg         [31:0] y_o
);
  wire first = first_i || (TRIVIAL != 0);

  // Cycle 1: halves, sums and differences.
  wire signed [15:0] x_re, x_im, y_re, y_im;
  half_if u_half_x_re (.scaled_i(scaled_i), .a_i(x_i[15:0]), .y_o(x_re));
  half_if u_half_x_im (.scaled_i(scaled_i), .a_i(x_i[31:16]), .y_o(x_im));
  half_if u_half_y_re (.scaled_i(scaled_i), .a_i(y_i[15:0]), .y_o(y_re));
  half_if u_half_y_im (.scaled_i(scaled_i), .a_i(y_i[31:16]), .y_o(y_im));
  wire signed [15:0] partner = first ? x_im : y_re;
  wire signed [15:0] sum_re, sum_im, difference_re, difference_im;
  add_sat u_sum_re (.a_i(x_re), .b_i(partner), .y_o(sum_re));
  sub_sat u_difference_re (.a_i(x_re), .b_i(partner), .y_o(difference_re));
  add_sat u_sum_im (.a_i(x_im), .b_i(y_im), .y_o(sum_im));
  sub_sat u_difference_im (.a_i(x_im), .b_i(y_im), .y_o(difference_im));

  wire signed [15:0] double_re, double_im, negated;
  add_sat u_double_re (.a_i(y_i[15:0]), .b_i(y_i[15:0]), .y_o(double_re));
  add_sat u_double_im (.a_i(y_i[31:16]), .b_i(y_i[31:16]), .y_o(double_im));
  wire [15:0] middle_re = scaled_i ? y_i[15:0] : double_re;
  wire [15:0] middle_im = scaled_i ? y_i[31:16] : double_im;
  sub_sat u_negated (.a_i(16'sd0), .b_i(middle_im), .y_o(negated));

  reg [31:0] keep_q, turn_q;
  reg first_q;
  always @(posedge clk) begin
    first_q <= first;
    keep_q  <= first ? {middle_re, sum_re} : {difference_im, sum_re};
    turn_q  <= first ? {negated, difference_re} : {sum_im, difference_re};
  end

  reg [31:0] keep_2q, keep_3q, turn_2q, turn_3q;
  reg first_2q, first_3q;
  always @(posedge clk) begin
    {keep_3q, keep_2q} <= {keep_2q, keep_q};
    {turn_3q, turn_2q} <= {turn_2q, turn_q};
    {first_3q, first_2q} <= {first_2q, first_q};
    x_o <= keep_3q;
  end

  generate
    if (TRIVIAL != 0) begin : g_trivial
      always @(posedge clk) y_o <= turn_3q;
      wire _unused_ok = &{1'b0, cosine_i, sine_i, first_3q};
    end else begin : g_product
      reg signed [15:0] cosine_q, sine_q;
      always @(posedge clk) begin
        cosine_q <= cosine_i;
        sine_q   <= sine_i;
      end
      wire signed [15:0] re_cosine, im_sine, im_cosine, re_sine;
      twiddle_product u_re_cosine (.clk(clk), .word_i(turn_q[15:0]), .twiddle_i(cosine_q), .y_o(re_cosine));
      twiddle_product u_im_sine (.clk(clk), .word_i(turn_q[31:16]), .twiddle_i(sine_q), .y_o(im_sine));
      twiddle_product u_im_cosine (.clk(clk), .word_i(turn_q[31:16]), .twiddle_i(cosine_q), .y_o(im_cosine));
      twiddle_product u_re_sine (.clk(clk), .word_i(turn_q[15:0]), .twiddle_i(sine_q), .y_o(re_sine));

      wire signed [15:0] re_difference, im_sum;
      sub_sat u_re_difference (.a_i(re_cosine), .b_i(im_sine), .y_o(re_difference));
      add_sat u_im_sum (.a_i(im_cosine), .b_i(re_sine), .y_o(im_sum));
      always @(posedge clk) y_o <= first_3q ? turn_3q : {im_sum, re_difference};
    end
  endgenerate
endmodule

`default_nettype wire
