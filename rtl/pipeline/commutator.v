// Exchanges the choice of one of two paths with the choice of a cycle DELAY apart: of the words a0, b0 and, DELAY cycles
// later, a1, b1 it makes a0, a1 and then b0, b1. second_i marks the cycles of a1, b1. Latency DELAY.
`default_nettype none

module commutator #(
    parameter WIDTH = 32,
    parameter DELAY = 1
) (
    input  wire             clk,
    input  wire             rst_i,
    input  wire             second_i,
    input  wire [WIDTH-1:0] a_i,
    input  wire [WIDTH-1:0] b_i,
    output wire [WIDTH-1:0] a_o,
    output wire [WIDTH-1:0] b_o
);
  wire [WIDTH-1:0] late_b;
  delay_line #(
      .WIDTH(WIDTH),
      .DEPTH(DELAY)
  ) u_late_b (
      .clk(clk),
      .rst_i(rst_i),
      .data_i(b_i),
      .data_o(late_b)
  );
  delay_line #(
      .WIDTH(WIDTH),
      .DEPTH(DELAY)
  ) u_late_a (
      .clk(clk),
      .rst_i(rst_i),
      .data_i(second_i ? late_b : a_i),
      .data_o(a_o)
  );
  assign b_o = second_i ? a_i : late_b;
endmodule

`default_nettype wire
