// A read-only memory with two read ports; the words stand one cycle later. IMAGE is a $readmemh file.
`default_nettype none

module rom #(
    parameter WIDTH = 16,
    parameter ADDRESS_WIDTH = 10,
    parameter IMAGE = ""
) (
    input  wire                     clk,
    input  wire [ADDRESS_WIDTH-1:0] address_a_i,
    input  wire [ADDRESS_WIDTH-1:0] address_b_i,
    output reg  [        WIDTH-1:0] data_a_o,
    output reg  [        WIDTH-1:0] data_b_o
);
  // Without an image the words come from the loader of the simulation.
  /* verilator lint_off UNDRIVEN */
  reg [WIDTH-1:0] mem[0:(1<<ADDRESS_WIDTH)-1];
  /* verilator lint_on UNDRIVEN */

  generate
    if (IMAGE != "") begin : g_image
      initial $readmemh(IMAGE, mem);
    end
  endgenerate

  always @(posedge clk) begin
    data_a_o <= mem[address_a_i];
    data_b_o <= mem[address_b_i];
  end
endmodule

`default_nettype wire
