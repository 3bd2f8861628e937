// The words of DEPTH cycles ago: a chain of registers, or for long delays a memory that is a ring.
`default_nettype none

module delay_line #(
    parameter WIDTH = 32,
    parameter DEPTH = 1  // 0 or more
) (
    input  wire             clk,
    input  wire             rst_i,
    input  wire [WIDTH-1:0] data_i,
    output wire [WIDTH-1:0] data_o
);
  generate
    if (DEPTH == 0) begin : g_wire
      assign data_o = data_i;
      wire _unused_ok = &{1'b0, clk, rst_i};
    end else if (DEPTH == 1) begin : g_register
      reg [WIDTH-1:0] data_q;
      always @(posedge clk) data_q <= data_i;
      assign data_o = data_q;
      wire _unused_ok = &{1'b0, rst_i};
    end else if (DEPTH < 32) begin : g_chain
      reg [WIDTH*DEPTH-1:0] data_q;
      always @(posedge clk) data_q <= {data_q[WIDTH*(DEPTH-1)-1:0], data_i};
      assign data_o = data_q[WIDTH*DEPTH-1-:WIDTH];
      wire _unused_ok = &{1'b0, rst_i};
    end else begin : g_ring
      // The word read stands a cycle later, so a ring is one place shorter than the delay.
      localparam ADDRESS_WIDTH = $clog2(DEPTH);
      localparam [31:0] LAST = DEPTH - 2;
      localparam [ADDRESS_WIDTH-1:0] ONE = 1;
      reg [ADDRESS_WIDTH-1:0] place_q;
      always @(posedge clk) begin
        if (rst_i || place_q == LAST[ADDRESS_WIDTH-1:0]) place_q <= {ADDRESS_WIDTH{1'b0}};
        else place_q <= place_q + ONE;
      end
      memory #(
          .WIDTH(WIDTH),
          .ADDRESS_WIDTH(ADDRESS_WIDTH)
      ) u_ring (
          .clk(clk),
          .write_i(1'b1),
          .write_address_i(place_q),
          .data_i(data_i),
          .read_address_i(place_q),
          .data_o(data_o)
      );
    end
  endgenerate
endmodule

`default_nettype wire
