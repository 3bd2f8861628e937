// Sum of two int16, saturated. Combinational. Twin of `add` in src/fixed/arithmetic.ts.
`default_nettype none

module add_sat (
    input  wire signed [15:0] a_i,
    input  wire signed [15:0] b_i,
    output wire signed [15:0] y_o
);
  wire signed [16:0] sum = {a_i[15], a_i} + {b_i[15], b_i};

  assign y_o = (sum[16] == sum[15]) ? sum[15:0] : {sum[16], {15{~sum[16]}}};
endmodule

`default_nettype wire
