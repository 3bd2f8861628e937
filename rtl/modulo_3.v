// The remainder of a 24-bit address by 3: as 4, 16, 64 and 4096 leave 1, groups of its bits are added. Combinational.
`default_nettype none

module modulo_3 (
    input  wire [23:0] a_i,
    output wire [ 1:0] y_o
);
  wire [12:0] by_12 = {1'b0, a_i[11:0]} + {1'b0, a_i[23:12]};
  wire [ 7:0] by_6 = {2'd0, by_12[5:0]} + {1'b0, by_12[12:6]};
  wire [ 4:0] by_4 = {1'b0, by_6[3:0]} + {1'b0, by_6[7:4]};
  wire [ 2:0] by_2 = {1'b0, by_4[1:0]} + {1'b0, by_4[3:2]} + {2'd0, by_4[4]};

  assign y_o = (by_2 < 3'd3) ? by_2[1:0] : (by_2 < 3'd6) ? by_2[1:0] - 2'd3 : by_2[1:0] - 2'd2;
endmodule

`default_nettype wire
