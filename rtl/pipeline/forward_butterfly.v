// One butterfly of a forward transform of real blocks. Latency 5, one a cycle; no enable, so that the multiplier blocks
// run freely. In the halfcomplex order of docs/arithmetic.md, stage of group size M at b, H = M/2:
//   x = a[b+i] + j a[b+H-i],  y = a[b+H+i] + j a[b+M-i]  ->  bin i of the group, bin H - i
// TRIVIAL: always i = 0, which needs no product. Twin of src/fft/transform.ts.
`default_nettype none

module forward_butterfly #(
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

  // Cycle 1: the halves; of the first bin all there is to do.
  wire signed [15:0] x_re, x_im, y_re, y_im, sum, difference, negated;
  half_if u_half_x_re (.scaled_i(scaled_i), .a_i(x_i[15:0]), .y_o(x_re));
  half_if u_half_x_im (.scaled_i(scaled_i), .a_i(x_i[31:16]), .y_o(x_im));
  half_if u_half_y_re (.scaled_i(scaled_i), .a_i(y_i[15:0]), .y_o(y_re));
  half_if u_half_y_im (.scaled_i(scaled_i), .a_i(y_i[31:16]), .y_o(y_im));
  add_sat u_sum (.a_i(x_re), .b_i(y_re), .y_o(sum));
  sub_sat u_difference (.a_i(x_re), .b_i(y_re), .y_o(difference));
  sub_sat u_negated (.a_i(16'sd0), .b_i(y_im), .y_o(negated));

  reg [31:0] keep_q, turn_q;
  reg first_q;
  always @(posedge clk) begin
    first_q <= first;
    keep_q  <= first ? {difference, sum} : {x_im, x_re};
    turn_q  <= first ? {negated, x_im} : y_i;
  end

  // Cycles 2 to 4 beside the products.
  reg [31:0] keep_2q, keep_3q, keep_4q, turn_2q, turn_3q;
  reg first_2q, first_3q, first_4q;
  always @(posedge clk) begin
    {keep_4q, keep_3q, keep_2q} <= {keep_3q, keep_2q, keep_q};
    {turn_3q, turn_2q} <= {turn_2q, turn_q};
    {first_4q, first_3q, first_2q} <= {first_3q, first_2q, first_q};
  end

  generate
    if (TRIVIAL != 0) begin : g_trivial
      reg [31:0] turn_4q;
      always @(posedge clk) begin
        turn_4q <= turn_3q;
        x_o <= keep_4q;
        y_o <= turn_4q;
      end
      wire _unused_ok = &{1'b0, cosine_i, sine_i, first_4q};
    end else begin : g_product
      // rshr(c, 1) of a twiddle: 1 .. 32767, so the sum fits 16 bits without a sign.
      wire [15:0] cosine_up = cosine_i + 16'd1;
      wire [15:0] sine_up = sine_i + 16'd1;
      reg signed [15:0] cosine_q, sine_q;
      always @(posedge clk) begin
        cosine_q <= scaled_i ? {1'b0, cosine_up[15:1]} : cosine_i;
        sine_q   <= scaled_i ? {1'b0, sine_up[15:1]} : sine_i;
      end

      wire signed [15:0] re_cosine, im_sine, im_cosine, re_sine;
      twiddle_product u_re_cosine (.clk(clk), .word_i(turn_q[15:0]), .twiddle_i(cosine_q), .y_o(re_cosine));
      twiddle_product u_im_sine (.clk(clk), .word_i(turn_q[31:16]), .twiddle_i(sine_q), .y_o(im_sine));
      twiddle_product u_im_cosine (.clk(clk), .word_i(turn_q[31:16]), .twiddle_i(cosine_q), .y_o(im_cosine));
      twiddle_product u_re_sine (.clk(clk), .word_i(turn_q[15:0]), .twiddle_i(sine_q), .y_o(re_sine));

      // Cycle 4: the turned word.
      wire signed [15:0] re_sum, im_difference;
      add_sat u_re_sum (.a_i(re_cosine), .b_i(im_sine), .y_o(re_sum));
      sub_sat u_im_difference (.a_i(im_cosine), .b_i(re_sine), .y_o(im_difference));
      reg [31:0] turned_q;
      always @(posedge clk) turned_q <= first_3q ? turn_3q : {im_difference, re_sum};

      // Cycle 5: the sums.
      wire signed [15:0] keep_re = keep_4q[15:0];
      wire signed [15:0] keep_im = keep_4q[31:16];
      wire signed [15:0] turned_re = turned_q[15:0];
      wire signed [15:0] turned_im = turned_q[31:16];
      wire signed [15:0] x_re_sum, x_im_sum, y_re_difference, y_im_difference;
      add_sat u_x_re (.a_i(keep_re), .b_i(turned_re), .y_o(x_re_sum));
      add_sat u_x_im (.a_i(keep_im), .b_i(turned_im), .y_o(x_im_sum));
      sub_sat u_y_re (.a_i(keep_re), .b_i(turned_re), .y_o(y_re_difference));
      sub_sat u_y_im (.a_i(turned_im), .b_i(keep_im), .y_o(y_im_difference));
      always @(posedge clk) begin
        x_o <= first_4q ? keep_4q : {x_im_sum, x_re_sum};
        y_o <= first_4q ? turned_q : {y_im_difference, y_re_difference};
      end
      wire _unused_ok = &{1'b0, cosine_up[0], sine_up[0]};
    end
  endgenerate
endmodule

`default_nettype wire
