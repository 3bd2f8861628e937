// One butterfly of a transform of real blocks, forward or inverse: two complex words in, two out. Latency 4, one a cycle.
//
// In the halfcomplex order of docs/arithmetic.md, stage of group size M at b, H = M/2, Q = M/4:
//   forward  x = a[b+i] + j a[b+H-i],  y = a[b+H+i] + j a[b+M-i]  ->  bin i of the group, bin H - i
//   inverse  x = bin i, y = bin H - i  ->  the words above
// first_i marks i = 0: x holds the two real bins, and no product is needed. Twin of src/fft/transform.ts.
`default_nettype none

module butterfly (
    input  wire               clk,
    input  wire               inverse_i,
    input  wire               scaled_i,
    input  wire               first_i,
    input  wire signed [15:0] cosine_i,
    input  wire signed [15:0] sine_i,
    input  wire signed [15:0] x_re_i,
    input  wire signed [15:0] x_im_i,
    input  wire signed [15:0] y_re_i,
    input  wire signed [15:0] y_im_i,
    output reg signed  [15:0] x_re_o,
    output reg signed  [15:0] x_im_o,
    output reg signed  [15:0] y_re_o,
    output reg signed  [15:0] y_im_o
);
  // Cycle 1: the halves, and the sums that come before the products of an inverse stage.
  wire signed [15:0] x_re, x_im, y_re, y_im;
  half_if u_half_x_re (.scaled_i(scaled_i), .a_i(x_re_i), .y_o(x_re));
  half_if u_half_x_im (.scaled_i(scaled_i), .a_i(x_im_i), .y_o(x_im));
  half_if u_half_y_re (.scaled_i(scaled_i), .a_i(y_re_i), .y_o(y_re));
  half_if u_half_y_im (.scaled_i(scaled_i), .a_i(y_im_i), .y_o(y_im));

  wire signed [15:0] partner = (inverse_i && first_i) ? x_im : y_re;
  wire signed [15:0] sum_re, sum_im, difference_re, difference_im;
  add_sat u_sum_re (.a_i(x_re), .b_i(partner), .y_o(sum_re));
  sub_sat u_difference_re (.a_i(x_re), .b_i(partner), .y_o(difference_re));
  add_sat u_sum_im (.a_i(x_im), .b_i(y_im), .y_o(sum_im));
  sub_sat u_difference_im (.a_i(x_im), .b_i(y_im), .y_o(difference_im));

  wire signed [15:0] double_re, double_im, negated;
  add_sat u_double_re (.a_i(y_re_i), .b_i(y_re_i), .y_o(double_re));
  add_sat u_double_im (.a_i(y_im_i), .b_i(y_im_i), .y_o(double_im));
  wire signed [15:0] middle_re = scaled_i ? y_re_i : double_re;
  wire signed [15:0] middle_im = scaled_i ? y_im_i : double_im;
  sub_sat u_negated (.a_i(16'sd0), .b_i(inverse_i ? middle_im : y_im), .y_o(negated));

  // rshr(c, 1) of a twiddle: 1 .. 32767, so the sum fits 16 bits without a sign.
  wire [15:0] cosine_up = cosine_i + 16'd1;
  wire [15:0] sine_up = sine_i + 16'd1;
  wire twiddle_halved = scaled_i && !inverse_i;

  reg signed [15:0] keep_re_q, keep_im_q, turn_re_q, turn_im_q, cosine_q, sine_q;
  reg inverse_q, first_q;
  always @(posedge clk) begin
    inverse_q <= inverse_i;
    first_q   <= first_i;
    cosine_q  <= twiddle_halved ? {1'b0, cosine_up[15:1]} : cosine_i;
    sine_q    <= twiddle_halved ? {1'b0, sine_up[15:1]} : sine_i;
    case ({inverse_i, first_i})
      2'b00: begin
        keep_re_q <= x_re;
        keep_im_q <= x_im;
        turn_re_q <= y_re_i;
        turn_im_q <= y_im_i;
      end
      2'b01: begin
        keep_re_q <= sum_re;
        keep_im_q <= difference_re;
        turn_re_q <= x_im;
        turn_im_q <= negated;
      end
      2'b10: begin
        keep_re_q <= sum_re;
        keep_im_q <= difference_im;
        turn_re_q <= difference_re;
        turn_im_q <= sum_im;
      end
      default: begin
        keep_re_q <= sum_re;
        keep_im_q <= middle_re;
        turn_re_q <= difference_re;
        turn_im_q <= negated;
      end
    endcase
  end

  // Cycle 2: the four products.
  wire signed [15:0] re_cosine, im_sine, im_cosine, re_sine;
  mulr u_re_cosine (.clk(clk), .a_i(turn_re_q), .b_i(cosine_q), .y_o(re_cosine));
  mulr u_im_sine (.clk(clk), .a_i(turn_im_q), .b_i(sine_q), .y_o(im_sine));
  mulr u_im_cosine (.clk(clk), .a_i(turn_im_q), .b_i(cosine_q), .y_o(im_cosine));
  mulr u_re_sine (.clk(clk), .a_i(turn_re_q), .b_i(sine_q), .y_o(re_sine));

  reg signed [15:0] keep_re_2q, keep_im_2q, turn_re_2q, turn_im_2q;
  reg inverse_2q, first_2q;
  always @(posedge clk) begin
    keep_re_2q <= keep_re_q;
    keep_im_2q <= keep_im_q;
    turn_re_2q <= turn_re_q;
    turn_im_2q <= turn_im_q;
    inverse_2q <= inverse_q;
    first_2q   <= first_q;
  end

  // Cycle 3: their sums.
  wire signed [15:0] re_sum, re_difference, im_sum, im_difference;
  add_sat u_re_sum (.a_i(re_cosine), .b_i(im_sine), .y_o(re_sum));
  sub_sat u_re_difference (.a_i(re_cosine), .b_i(im_sine), .y_o(re_difference));
  add_sat u_im_sum (.a_i(im_cosine), .b_i(re_sine), .y_o(im_sum));
  sub_sat u_im_difference (.a_i(im_cosine), .b_i(re_sine), .y_o(im_difference));

  reg signed [15:0] keep_re_3q, keep_im_3q, turned_re_q, turned_im_q;
  reg done_3q;
  always @(posedge clk) begin
    keep_re_3q <= keep_re_2q;
    keep_im_3q <= keep_im_2q;
    done_3q    <= inverse_2q || first_2q;
    if (first_2q) begin
      turned_re_q <= turn_re_2q;
      turned_im_q <= turn_im_2q;
    end else if (inverse_2q) begin
      turned_re_q <= re_difference;
      turned_im_q <= im_sum;
    end else begin
      turned_re_q <= re_sum;
      turned_im_q <= im_difference;
    end
  end

  // Cycle 4: the sums that come after the products of a forward stage.
  wire signed [15:0] x_re_sum, x_im_sum, y_re_difference, y_im_difference;
  add_sat u_x_re (.a_i(keep_re_3q), .b_i(turned_re_q), .y_o(x_re_sum));
  add_sat u_x_im (.a_i(keep_im_3q), .b_i(turned_im_q), .y_o(x_im_sum));
  sub_sat u_y_re (.a_i(keep_re_3q), .b_i(turned_re_q), .y_o(y_re_difference));
  sub_sat u_y_im (.a_i(turned_im_q), .b_i(keep_im_3q), .y_o(y_im_difference));

  always @(posedge clk) begin
    x_re_o <= done_3q ? keep_re_3q : x_re_sum;
    x_im_o <= done_3q ? keep_im_3q : x_im_sum;
    y_re_o <= done_3q ? turned_re_q : y_re_difference;
    y_im_o <= done_3q ? turned_im_q : y_im_difference;
  end

  wire _unused_ok = &{1'b0, cosine_up[0], sine_up[0]};
endmodule

`default_nettype wire
