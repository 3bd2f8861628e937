// Rounded product of a word and a twiddle, 1 .. 32767 as a fraction of 2^15, which cannot saturate. Latency 2 from the
// registers of the operands: product, product with its rounding half. Both vanish into a multiplier block.
// Twin of `mulr` in src/fixed/arithmetic.ts for such a factor.
`default_nettype none

module twiddle_product (
    input  wire               clk,
    input  wire signed [15:0] word_i,
    input  wire signed [15:0] twiddle_i,
    output wire signed [15:0] y_o
);
  (* keep *) reg signed [31:0] product_q;
  reg signed [31:0] rounded_q;
  always @(posedge clk) begin
    product_q <= word_i * twiddle_i;
    rounded_q <= product_q + 32'sd16384;
  end
  assign y_o = rounded_q[30:15];

  wire _unused_ok = &{1'b0, rounded_q[31], rounded_q[14:0]};
endmodule

`default_nettype wire
