// An int16 in another format: shifted right by 0 .. 15 and rounded half up, or for a negative shift, to -16, left and saturated.
// Combinational. Twin of `align` in src/layers/sum.ts.
`default_nettype none

module align (
    input  wire signed [15:0] a_i,
    input  wire signed [ 4:0] shift_i,
    output wire signed [15:0] y_o
);
  wire [4:0] left = shift_i[4] ? -shift_i : 5'd0;
  wire signed [31:0] wide = {{16{a_i[15]}}, a_i};
  requant u_requant (
      .acc_i(wide <<< left),
      .shift_i(shift_i[4] ? 5'd0 : {1'b0, shift_i[3:0]}),
      .y_o(y_o)
  );
endmodule

`default_nettype wire
