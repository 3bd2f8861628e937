// The activation of a word: clamped to lo_i .. hi_i, or a straight line between two words of a table of 257, if there are
// tables. Latency 3, one a cycle; lo, hi, use_table and table belong to the word that comes with them.
// Twin of src/layers/activation.ts. The words of a table lie by turns in two memories, so that neighbours are read at once.
`default_nettype none

module word_activation #(
    parameter TABLES = 1  // 0, or a power of two
) (
    input  wire               clk,
    input  wire signed [15:0] z_i,
    input  wire signed [15:0] lo_i,
    input  wire signed [15:0] hi_i,
    input  wire               use_table_i,
    input  wire        [ 7:0] table_i,
    input  wire               load_i,          // writes word load_address_i of all tables
    input  wire        [16:0] load_address_i,  // table, word (9 bits)
    input  wire        [15:0] load_data_i,
    output reg signed  [15:0] y_o
);
  wire signed [15:0] at_least = (z_i < lo_i) ? lo_i : z_i;
  wire signed [15:0] clamped = (at_least > hi_i) ? hi_i : at_least;
  reg signed [15:0] clamped_q, clamped_2q;
  always @(posedge clk) begin
    clamped_q  <= clamped;
    clamped_2q <= clamped_q;
  end

  generate
    if (TABLES == 0) begin : g_clamp
      always @(posedge clk) y_o <= clamped_2q;
      wire _unused_ok = &{1'b0, use_table_i, table_i, load_i, load_address_i, load_data_i};
    end else begin : g_table
      localparam WIDTH = 8 + $clog2(TABLES);
      // Words interval and interval + 1: one is even, one odd.
      wire [7:0] interval = {~z_i[15], z_i[14:8]};
      wire [7:0] even_place = {1'b0, interval[7:1]} + {7'd0, interval[0]};
      wire [7:0] odd_place = {1'b0, interval[7:1]};
      wire [15:0] even_address = {table_i, even_place};
      wire [15:0] odd_address = {table_i, odd_place};
      wire signed [15:0] even, odd;
      memory #(
          .WIDTH(16),
          .ADDRESS_WIDTH(WIDTH)
      ) u_even (
          .clk(clk),
          .write_i(load_i && !load_address_i[0]),
          .write_address_i(load_address_i[WIDTH:1]),
          .data_i(load_data_i),
          .read_address_i(even_address[WIDTH-1:0]),
          .data_o(even)
      );
      memory #(
          .WIDTH(16),
          .ADDRESS_WIDTH(WIDTH)
      ) u_odd (
          .clk(clk),
          .write_i(load_i && load_address_i[0]),
          .write_address_i(load_address_i[WIDTH:1]),
          .data_i(load_data_i),
          .read_address_i(odd_address[WIDTH-1:0]),
          .data_o(odd)
      );

      reg odd_first_q, use_table_q, use_table_2q;
      reg signed [8:0] part_q;
      reg signed [15:0] from_q;
      reg signed [25:0] product_q;
      wire signed [15:0] from = odd_first_q ? odd : even;
      wire signed [15:0] to = odd_first_q ? even : odd;
      wire signed [16:0] rise = {to[15], to} - {from[15], from};
      // Between two int16 there is nothing to saturate.
      wire signed [25:0] rounded = product_q + 26'sd128;
      wire [15:0] interpolated = from_q + rounded[23:8];
      always @(posedge clk) begin
        odd_first_q <= interval[0];
        {use_table_2q, use_table_q} <= {use_table_q, use_table_i};
        part_q <= {1'b0, z_i[7:0]};
        product_q <= rise * part_q;
        from_q <= from;
        y_o <= use_table_2q ? interpolated : clamped_2q;
      end
      wire _unused_ok = &{1'b0, rounded[25:24], rounded[7:0], even_address, odd_address, load_address_i};
    end
  endgenerate
endmodule

`default_nettype wire
