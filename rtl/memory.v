// A memory with one write and one read port; the word read stands one cycle later and is the one from before a
// write of the same cycle. IMAGE, if given, is a $readmemh file with its first content.
`default_nettype none

module memory #(
    parameter WIDTH = 16,
    parameter ADDRESS_WIDTH = 10,
    parameter IMAGE = ""
) (
    input  wire                     clk,
    input  wire                     write_i,
    input  wire [ADDRESS_WIDTH-1:0] write_address_i,
    input  wire [        WIDTH-1:0] data_i,
    input  wire [ADDRESS_WIDTH-1:0] read_address_i,
    output reg  [        WIDTH-1:0] data_o
);
  reg [WIDTH-1:0] mem[0:(1<<ADDRESS_WIDTH)-1];

  generate
    if (IMAGE != "") begin : g_image
      initial $readmemh(IMAGE, mem);
    end
  endgenerate

  always @(posedge clk) begin
    if (write_i) mem[write_address_i] <= data_i;
    data_o <= mem[read_address_i];
  end
endmodule

`default_nettype wire
