// The activation of a word: clamped to lo_i .. hi_i, or a straight line between two words of a table of 257.
// Latency 3, one a cycle. Twin of src/layers/activation.ts.
`default_nettype none

module activation #(
    parameter TABLE_WIDTH = 2,
    parameter TABLE_IMAGE = ""
) (
    input  wire                          clk,
    input  wire signed [           15:0] z_i,
    input  wire signed [           15:0] lo_i,
    input  wire signed [           15:0] hi_i,
    input  wire                          use_table_i,
    input  wire        [TABLE_WIDTH-1:0] table_i,
    output reg signed  [           15:0] y_o
);
  // Cycle 1: clamp; read both ends of the interval. A table takes 512 places, of which 257 are used.
  wire signed [15:0] at_least = (z_i < lo_i) ? lo_i : z_i;
  wire signed [15:0] clamped = (at_least > hi_i) ? hi_i : at_least;
  wire [8:0] interval = {1'b0, ~z_i[15], z_i[14:8]};
  wire signed [15:0] from, to;
  rom #(
      .WIDTH(16),
      .ADDRESS_WIDTH(TABLE_WIDTH + 9),
      .IMAGE(TABLE_IMAGE)
  ) u_table (
      .clk(clk),
      .address_a_i({table_i, interval}),
      .address_b_i({table_i, interval + 9'd1}),
      .data_a_o(from),
      .data_b_o(to)
  );

  reg signed [15:0] clamped_q, clamped_2q, from_q;
  reg signed [8:0] part_q;
  reg signed [25:0] product_q;
  wire signed [16:0] rise = {to[15], to} - {from[15], from};

  // Cycle 3: the rounded product. Between two int16 there is nothing to saturate.
  wire signed [25:0] rounded = product_q + 26'sd128;
  wire [15:0] interpolated = from_q + rounded[23:8];

  always @(posedge clk) begin
    clamped_q  <= clamped;
    part_q     <= {1'b0, z_i[7:0]};
    product_q  <= rise * part_q;
    from_q     <= from;
    clamped_2q <= clamped_q;
    y_o        <= use_table_i ? interpolated : clamped_2q;
  end

  wire _unused_ok = &{1'b0, rounded[25:24], rounded[7:0]};
endmodule

`default_nettype wire
