// A queue of 2^ADDRESS_WIDTH words. valid_o and data_o show its head; level_o counts its words, so that a writer with
// words in flight can keep from overrunning it. ready_i takes the head away.
`default_nettype none

module fifo #(
    parameter WIDTH = 16,
    parameter ADDRESS_WIDTH = 2
) (
    input  wire                   clk,
    input  wire                   rst_i,
    input  wire                   write_i,
    input  wire [      WIDTH-1:0] data_i,
    output wire [ADDRESS_WIDTH:0] level_o,
    output wire                   valid_o,
    input  wire                   ready_i,
    output wire [      WIDTH-1:0] data_o
);
  localparam [ADDRESS_WIDTH:0] ONE = 1;

  reg [WIDTH-1:0] mem[0:(1<<ADDRESS_WIDTH)-1];
  reg [ADDRESS_WIDTH:0] head_q, tail_q;

  assign level_o = tail_q - head_q;
  assign valid_o = (tail_q != head_q);
  assign data_o  = mem[head_q[ADDRESS_WIDTH-1:0]];

  always @(posedge clk) begin
    if (write_i) mem[tail_q[ADDRESS_WIDTH-1:0]] <= data_i;
    if (rst_i) begin
      head_q <= {(ADDRESS_WIDTH + 1) {1'b0}};
      tail_q <= {(ADDRESS_WIDTH + 1) {1'b0}};
    end else begin
      if (write_i) tail_q <= tail_q + ONE;
      if (valid_o && ready_i) head_q <= head_q + ONE;
    end
  end
endmodule

`default_nettype wire
