// Product of two int16 as fractions of 2^15, rounded half up and saturated.
// Latency 1: the product is registered, rounding and saturation follow it. Twin of `mulr` in src/fixed/arithmetic.ts.
`default_nettype none

module mulr (
    input  wire               clk,
    input  wire signed [15:0] a_i,
    input  wire signed [15:0] b_i,
    output wire signed [15:0] y_o
);
  reg signed [31:0] product_q;
  always @(posedge clk) product_q <= a_i * b_i;

  wire signed [31:0] rounded = product_q + 32'sd16384;
  wire signed [16:0] quotient = rounded[31:15];
  assign y_o = (quotient[16] == quotient[15]) ? quotient[15:0] : 16'sh7fff;

  wire _unused_ok = &{1'b0, rounded[14:0]};
endmodule

`default_nettype wire
