// Difference of two int16, saturated. Combinational. Twin of `sub` in src/fixed/arithmetic.ts.
`default_nettype none

module sub_sat (
    input  wire signed [15:0] a_i,
    input  wire signed [15:0] b_i,
    output wire signed [15:0] y_o
);
  wire signed [16:0] difference = {a_i[15], a_i} - {b_i[15], b_i};

  assign y_o = (difference[16] == difference[15]) ? difference[15:0]
                                                  : {difference[16], {15{~difference[16]}}};
endmodule

`default_nettype wire
