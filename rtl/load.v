// Fills the spectrum memory from the activation memory, block after block.
// Natural order: words n and n + k/2 of a block meet at location bitrev(n), and the first stage of the forward transform
// (group size 2) is computed on the way: one location a cycle. Halfcomplex order (spectra_i): the words of a bin are
// gathered in two cycles. Words past the end of a row are zero. k = 1: one real word a location.
`default_nettype none

module load #(
    parameter LOG2_K_MAX = 11,
    parameter ACTIVATION_WIDTH = 13,
    parameter SPECTRUM_WIDTH = 13
) (
    input  wire                               clk,
    input  wire                               rst_i,
    input  wire                               start_i,
    input  wire                               spectra_i,
    input  wire        [                 3:0] log2_k_i,
    input  wire        [                23:0] rows_i,
    input  wire        [                23:0] blocks_i,
    input  wire        [                23:0] words_i,
    input  wire        [                23:0] base_i,
    input  wire                               scaled_i,
    output wire                               busy_o,
    output wire        [ACTIVATION_WIDTH-1:0] read_address_a_o,
    output wire        [ACTIVATION_WIDTH-1:0] read_address_b_o,
    input  wire signed [                15:0] data_a_i,
    input  wire signed [                15:0] data_b_i,
    output reg                                write_o,
    output reg         [  SPECTRUM_WIDTH-1:0] write_address_o,
    output reg         [                31:0] data_o
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
  assign read_address_a_o = address_a[ACTIVATION_WIDTH-1:0];
  assign read_address_b_o = address_b[ACTIVATION_WIDTH-1:0];

  // One cycle later: the words.
  reg valid_q, second_q, ends_q, inside_a_q, inside_b_q;
  reg [SPECTRUM_WIDTH-1:0] address_q;
  wire signed [15:0] word_a_data = inside_a_q ? data_a_i : 16'sd0;
  wire signed [15:0] word_b_data = inside_b_q ? data_b_i : 16'sd0;
  wire signed [15:0] a, b, sum, difference;
  half_if u_half_a (.scaled_i(scaled_i), .a_i(word_a_data), .y_o(a));
  half_if u_half_b (.scaled_i(scaled_i), .a_i(word_b_data), .y_o(b));
  add_sat u_sum (.a_i(a), .b_i(b), .y_o(sum));
  sub_sat u_difference (.a_i(a), .b_i(b), .y_o(difference));

  reg [15:0] gathered_q;
  assign busy_o = walking || valid_q || write_o;

  always @(posedge clk) begin
    inside_a_q  <= inside_a;
    inside_b_q  <= inside_b;
    address_q   <= location[SPECTRUM_WIDTH-1:0];
    second_q    <= second;
    ends_q      <= location_ends;
    if (!second_q) gathered_q <= word_a_data;

    write_address_o <= address_q;
    data_o <= real_only ? {16'd0, word_a_data} : spectra_i ? {word_a_data, gathered_q} : {difference, sum};

    valid_q <= walking && !rst_i;
    write_o <= valid_q && ends_q && !rst_i;
  end

  wire _unused_ok = &{1'b0, location, address_a, address_b, column_a, column_b, padded_a, padded_b};
endmodule

`default_nettype wire
