// The bin of a block's spectrum that stands at a location x of the spectrum memory. Combinational.
// With g the Gray decoding of x and l its lowest set bit: g + l if x has an even number of set bits, g + 1 - l otherwise,
// which equals the recursion of `binAtLocation` in src/fft/order.ts, whose twin this is.
`default_nettype none

module bin_at_location #(
    parameter WIDTH = 10
) (
    input  wire [WIDTH-1:0] location_i,
    output wire [WIDTH-1:0] bin_o
);
  wire [WIDTH-1:0] decoded;
  genvar place;
  generate
    for (place = 0; place < WIDTH; place = place + 1) begin : g_place
      assign decoded[place] = ^location_i[WIDTH-1:place];
    end
  endgenerate

  localparam [WIDTH-1:0] ONE = 1;
  wire [WIDTH-1:0] lowest = location_i & (~location_i + ONE);
  assign bin_o = decoded[0] ? decoded + ONE - lowest : decoded + lowest;
endmodule

`default_nettype wire
