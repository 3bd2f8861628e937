// Half of an int16 by truncation in a scaled stage, the word itself otherwise. Combinational.
// Twin of `half` in src/fixed/arithmetic.ts.
`default_nettype none

module half_if (
    input  wire               scaled_i,
    input  wire signed [15:0] a_i,
    output wire signed [15:0] y_o
);
  assign y_o = scaled_i ? {a_i[15], a_i[15:1]} : a_i;
endmodule

`default_nettype wire
