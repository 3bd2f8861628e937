// Empties the spectrum memory, block after block, into the unit that finishes the words.
// Natural order: the last stage of the inverse transform (group size 2) gives the words n and n + k/2 of a block, one
// location a cycle. Halfcomplex order (spectra_i): the words of a bin leave in two cycles, as they are. Words past the end
// of a row are not inside. k = 1: one real word a location.
`default_nettype none

module unload #(
    parameter LOG2_K_MAX = 11,
    parameter SPECTRUM_WIDTH = 13
) (
    input  wire                             clk,
    input  wire                             rst_i,
    input  wire                             start_i,
    input  wire                             spectra_i,
    input  wire        [               3:0] log2_k_i,
    input  wire        [              23:0] rows_i,
    input  wire        [              23:0] blocks_i,
    input  wire        [              23:0] words_i,
    input  wire        [              23:0] base_i,
    input  wire                             scaled_i,
    input  wire        [SPECTRUM_WIDTH-1:0] product_base_i,
    output wire                             busy_o,
    output wire        [SPECTRUM_WIDTH-1:0] read_address_o,
    input  wire        [              31:0] data_i,
    output reg                              valid_o,
    output reg                              has_b_o,
    output reg                              inside_a_o,
    output reg                              inside_b_o,
    output reg         [              23:0] padded_a_o,
    output reg         [              23:0] padded_b_o,
    output reg         [              23:0] column_a_o,
    output reg         [              23:0] column_b_o,
    output reg         [              23:0] address_a_o,
    output reg         [              23:0] address_b_o,
    output wire signed [              15:0] word_a_o,
    output wire signed [              15:0] word_b_o
);
  wire real_only = (log2_k_i == 4'd0);
  wire walking, second, location_ends, inside_a, inside_b;
  wire [23:0] location, address_a, address_b, column_a, column_b, padded_a, padded_b;
  location_walk #(.LOG2_K_MAX(LOG2_K_MAX)) u_walk (
      .clk(clk),
      .rst_i(rst_i),
      .start_i(start_i),
      .spectra_i(spectra_i),
      .log2_k_i(log2_k_i),
      .rows_i(rows_i),
      .blocks_i(blocks_i),
      .words_i(words_i),
      .base_i(base_i),
      .valid_o(walking),
      .second_o(second),
      .ends_o(location_ends),
      .location_o(location),
      .column_a_o(column_a),
      .column_b_o(column_b),
      .inside_a_o(inside_a),
      .inside_b_o(inside_b),
      .address_a_o(address_a),
      .address_b_o(address_b),
      .padded_a_o(padded_a),
      .padded_b_o(padded_b)
  );
  assign read_address_o = product_base_i + location[SPECTRUM_WIDTH-1:0];
  assign busy_o = walking || valid_o;

  // The places wait for the words of the memory.
  reg second_q;
  always @(posedge clk) begin
    valid_o <= walking && !rst_i;
    has_b_o <= !spectra_i && !real_only;
    inside_a_o <= inside_a;
    inside_b_o <= inside_b;
    padded_a_o <= padded_a;
    padded_b_o <= padded_b;
    column_a_o <= column_a;
    column_b_o <= column_b;
    address_a_o <= address_a;
    address_b_o <= address_b;
    second_q <= second;
  end

  wire signed [15:0] a, b, sum;
  half_if u_half_a (.scaled_i(scaled_i), .a_i(data_i[15:0]), .y_o(a));
  half_if u_half_b (.scaled_i(scaled_i), .a_i(data_i[31:16]), .y_o(b));
  add_sat u_sum (.a_i(a), .b_i(b), .y_o(sum));
  sub_sat u_difference (.a_i(a), .b_i(b), .y_o(word_b_o));
  wire signed [15:0] as_is = second_q ? data_i[31:16] : data_i[15:0];
  assign word_a_o = (spectra_i || real_only) ? as_is : sum;

  wire _unused_ok = &{1'b0, location, location_ends};
endmodule

`default_nettype wire
