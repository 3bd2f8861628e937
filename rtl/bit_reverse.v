// The lowest `bits_i` bits of i in reverse order, 0 <= bits_i <= WIDTH; i must be less than 2^bits_i. Combinational.
// Twin of `bitReverse` in src/fft/order.ts.
`default_nettype none

module bit_reverse #(
    parameter WIDTH = 10
) (
    input  wire [      3:0] bits_i,
    input  wire [WIDTH-1:0] i_i,
    output wire [WIDTH-1:0] y_o
);
  localparam [31:0] ALL_BITS = WIDTH;

  wire [WIDTH-1:0] reversed;
  genvar bit_index;
  generate
    for (bit_index = 0; bit_index < WIDTH; bit_index = bit_index + 1) begin : g_bit
      assign reversed[bit_index] = i_i[WIDTH-1-bit_index];
    end
  endgenerate

  assign y_o = reversed >> (ALL_BITS[3:0] - bits_i);
endmodule

`default_nettype wire
