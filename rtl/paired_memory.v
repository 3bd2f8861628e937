// Two words read and two written in a cycle, from two banks chosen by the parity of the address. The two addresses of
// a pair differ in one bit, so they never meet in a bank; of a pair with one member in use the other is ignored.
// Words read stand one cycle later.
`default_nettype none

module paired_memory #(
    parameter WIDTH = 16,
    parameter ADDRESS_WIDTH = 10
) (
    input  wire                     clk,
    input  wire [ADDRESS_WIDTH-1:0] read_address_a_i,
    input  wire [ADDRESS_WIDTH-1:0] read_address_b_i,
    output wire [        WIDTH-1:0] data_a_o,
    output wire [        WIDTH-1:0] data_b_o,
    input  wire                     write_a_i,
    input  wire                     write_b_i,
    input  wire [ADDRESS_WIDTH-1:0] write_address_a_i,
    input  wire [ADDRESS_WIDTH-1:0] write_address_b_i,
    input  wire [        WIDTH-1:0] data_a_i,
    input  wire [        WIDTH-1:0] data_b_i
);
  wire read_swapped = ^read_address_a_i;
  wire write_swapped = ^write_address_a_i;
  reg read_swapped_q;
  always @(posedge clk) read_swapped_q <= read_swapped;

  wire [WIDTH-1:0] even_data;
  wire [WIDTH-1:0] odd_data;
  assign data_a_o = read_swapped_q ? odd_data : even_data;
  assign data_b_o = read_swapped_q ? even_data : odd_data;

  memory #(
      .WIDTH(WIDTH),
      .ADDRESS_WIDTH(ADDRESS_WIDTH - 1)
  ) u_even (
      .clk(clk),
      .write_i(write_swapped ? write_b_i : write_a_i),
      .write_address_i(write_swapped ? write_address_b_i[ADDRESS_WIDTH-1:1] : write_address_a_i[ADDRESS_WIDTH-1:1]),
      .data_i(write_swapped ? data_b_i : data_a_i),
      .read_address_i(read_swapped ? read_address_b_i[ADDRESS_WIDTH-1:1] : read_address_a_i[ADDRESS_WIDTH-1:1]),
      .data_o(even_data)
  );

  memory #(
      .WIDTH(WIDTH),
      .ADDRESS_WIDTH(ADDRESS_WIDTH - 1)
  ) u_odd (
      .clk(clk),
      .write_i(write_swapped ? write_a_i : write_b_i),
      .write_address_i(write_swapped ? write_address_a_i[ADDRESS_WIDTH-1:1] : write_address_b_i[ADDRESS_WIDTH-1:1]),
      .data_i(write_swapped ? data_a_i : data_b_i),
      .read_address_i(read_swapped ? read_address_a_i[ADDRESS_WIDTH-1:1] : read_address_b_i[ADDRESS_WIDTH-1:1]),
      .data_o(odd_data)
  );

  wire _unused_ok = &{1'b0, read_address_b_i[0], write_address_b_i[0]};
endmodule

`default_nettype wire
