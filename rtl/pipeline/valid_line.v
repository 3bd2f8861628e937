// A valid bit and its tag on their way beside the words of a pipeline, DEPTH cycles; reset takes the valid bits away.
`default_nettype none

module valid_line #(
    parameter DEPTH = 1  // 0 or more
) (
    input  wire clk,
    input  wire rst_i,
    input  wire valid_i,
    input  wire tag_i,
    output wire valid_o,
    output wire tag_o
);
  generate
    if (DEPTH == 0) begin : g_wire
      assign valid_o = valid_i;
      assign tag_o   = tag_i;
      wire _unused_ok = &{1'b0, clk, rst_i};
    end else begin : g_chain
      reg [DEPTH-1:0] valid_q, tag_q;
      wire [DEPTH:0] valid_d = {valid_q, valid_i};
      wire [DEPTH:0] tag_d = {tag_q, tag_i};
      always @(posedge clk) begin
        valid_q <= rst_i ? {DEPTH{1'b0}} : valid_d[DEPTH-1:0];
        tag_q   <= tag_d[DEPTH-1:0];
      end
      assign valid_o = valid_q[DEPTH-1];
      assign tag_o   = tag_q[DEPTH-1];
      wire _unused_ok = &{1'b0, valid_d[DEPTH], tag_d[DEPTH]};
    end
  endgenerate
endmodule

`default_nettype wire
