// Keeps the rows that come with valid_i, one after the other.
`default_nettype none

module row_recorder #(
    parameter WIDTH = 32,
    parameter ADDRESS_WIDTH = 10
) (
    input wire             clk,
    input wire             rst_i,
    input wire             valid_i,
    input wire [WIDTH-1:0] row_i
);
  localparam [ADDRESS_WIDTH-1:0] ONE = 1;
  reg [ADDRESS_WIDTH-1:0] count_q;
  wire [WIDTH-1:0] unused_row;
  always @(posedge clk) begin
    if (rst_i) count_q <= {ADDRESS_WIDTH{1'b0}};
    else if (valid_i) count_q <= count_q + ONE;
  end
  memory #(.WIDTH(WIDTH), .ADDRESS_WIDTH(ADDRESS_WIDTH)) u_rows (
      .clk(clk),
      .write_i(valid_i && !rst_i),
      .write_address_i(count_q),
      .data_i(row_i),
      .read_address_i({ADDRESS_WIDTH{1'b0}}),
      .data_o(unused_row)
  );
  wire _unused_ok = &{1'b0, unused_row};
endmodule

`default_nettype wire
