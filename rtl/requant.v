// An int32 accumulator as an int16: shifted right by 0 .. 31, rounding half up, and saturated. Combinational.
// Twin of `requant` in src/fixed/arithmetic.ts.
`default_nettype none

module requant (
    input  wire signed [31:0] acc_i,
    input  wire        [ 4:0] shift_i,
    output wire signed [15:0] y_o
);
  // A zero below the accumulator: after the shift that place holds the last bit out, or zero where nothing was shifted.
  wire signed [32:0] doubled = {acc_i, 1'b0};
  wire signed [32:0] shifted = doubled >>> shift_i;
  wire signed [32:0] rounded = {shifted[32], shifted[32:1]} + {32'd0, shifted[0]};
  wire fits = (rounded[32:15] == {18{rounded[32]}});

  assign y_o = fits ? rounded[15:0] : {rounded[32], {15{~rounded[32]}}};
endmodule

`default_nettype wire
