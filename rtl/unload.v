// Empties the spectrum memory into the activation memory, block after block.
// Natural order: the last stage of the inverse transform (group size 2) gives the words n and n + k/2 of a block; bias and
// activation follow: one location a cycle. Halfcomplex order (spectra_i): the words of a bin leave in two cycles, as they
// are. Words past words_i are not written. k = 1: one real word a location.
`default_nettype none

module unload #(
    parameter LOG2_K_MAX = 11,
    parameter SPECTRUM_WIDTH = 13,
    parameter BIAS_WIDTH = 13,
    parameter TABLE_WIDTH = 2,
    parameter BIAS_IMAGE = "",
    parameter TABLE_IMAGE = ""
) (
    input  wire                               clk,
    input  wire                               rst_i,
    input  wire                               start_i,
    input  wire                               spectra_i,
    input  wire        [                 3:0] log2_k_i,
    input  wire        [                15:0] blocks_i,
    input  wire        [                23:0] words_i,
    input  wire                               scaled_i,
    input  wire        [  SPECTRUM_WIDTH-1:0] base_i,
    input  wire        [      BIAS_WIDTH-1:0] bias_base_i,
    input  wire signed [                15:0] lo_i,
    input  wire signed [                15:0] hi_i,
    input  wire                               use_table_i,
    input  wire        [     TABLE_WIDTH-1:0] table_i,
    output wire                               busy_o,
    output wire        [  SPECTRUM_WIDTH-1:0] read_address_o,
    input  wire        [                31:0] data_i,
    output wire                               valid_a_o,
    output wire                               valid_b_o,
    output wire                               write_a_o,
    output wire                               write_b_o,
    output wire        [                23:0] word_a_o,
    output wire        [                23:0] word_b_o,
    output wire signed [                15:0] data_a_o,
    output wire signed [                15:0] data_b_o,
    output wire signed [                15:0] transform_a_o,
    output wire signed [                15:0] transform_b_o
);
  localparam LATENCY = 6;  // spectrum, inverse stage, bias, three of the activation

  wire real_only = (log2_k_i == 4'd0);
  wire walking, second, location_ends;
  wire [25:0] location, word_a, word_b;
  location_walk #(.LOG2_K_MAX(LOG2_K_MAX)) u_walk (
      .clk(clk),
      .rst_i(rst_i),
      .start_i(start_i),
      .spectra_i(spectra_i),
      .log2_k_i(log2_k_i),
      .blocks_i(blocks_i),
      .valid_o(walking),
      .second_o(second),
      .ends_o(location_ends),
      .location_o(location),
      .word_a_o(word_a),
      .word_b_o(word_b)
  );
  assign read_address_o = base_i + location[SPECTRUM_WIDTH-1:0];

  reg [LATENCY-1:0] valid_q;
  always @(posedge clk) valid_q <= rst_i ? {LATENCY{1'b0}} : {valid_q[LATENCY-2:0], walking};
  assign busy_o = walking || (valid_q != {LATENCY{1'b0}});

  wire inside_a = (word_a < {2'd0, words_i});
  wire has_b = !spectra_i && !real_only;
  wire inside_b = (word_b < {2'd0, words_i}) && has_b;

  // Places and word numbers travel beside the words.
  reg [51*LATENCY-1:0] places_q;
  reg second_q;
  always @(posedge clk) begin
    places_q <= {places_q[51*(LATENCY-1)-1:0], has_b, inside_b, inside_a, word_b[23:0], word_a[23:0]};
    second_q <= second;
  end
  wire [23:0] bias_word_a = places_q[23:0];
  wire [23:0] bias_word_b = places_q[47:24];

  // Cycle 1: the last inverse stage.
  wire signed [15:0] a, b, sum, difference;
  half_if u_half_a (.scaled_i(scaled_i), .a_i(data_i[15:0]), .y_o(a));
  half_if u_half_b (.scaled_i(scaled_i), .a_i(data_i[31:16]), .y_o(b));
  add_sat u_sum (.a_i(a), .b_i(b), .y_o(sum));
  sub_sat u_difference (.a_i(a), .b_i(b), .y_o(difference));
  wire signed [15:0] as_is = second_q ? data_i[31:16] : data_i[15:0];

  reg signed [15:0] transform_a_q, transform_b_q;
  always @(posedge clk) begin
    transform_a_q <= (spectra_i || real_only) ? as_is : sum;
    transform_b_q <= difference;
  end

  // Cycle 2: the bias.
  wire signed [15:0] bias_a, bias_b, biased_a, biased_b;
  wire [23:0] bias_address_a = bias_word_a + {{(24 - BIAS_WIDTH) {1'b0}}, bias_base_i};
  wire [23:0] bias_address_b = bias_word_b + {{(24 - BIAS_WIDTH) {1'b0}}, bias_base_i};
  rom #(
      .WIDTH(16),
      .ADDRESS_WIDTH(BIAS_WIDTH),
      .IMAGE(BIAS_IMAGE)
  ) u_bias (
      .clk(clk),
      .address_a_i(bias_address_a[BIAS_WIDTH-1:0]),
      .address_b_i(bias_address_b[BIAS_WIDTH-1:0]),
      .data_a_o(bias_a),
      .data_b_o(bias_b)
  );
  add_sat u_biased_a (.a_i(transform_a_q), .b_i(bias_a), .y_o(biased_a));
  add_sat u_biased_b (.a_i(transform_b_q), .b_i(bias_b), .y_o(biased_b));

  reg signed [15:0] z_a_q, z_b_q;
  reg [127:0] transforms_q;
  always @(posedge clk) begin
    z_a_q <= spectra_i ? transform_a_q : biased_a;
    z_b_q <= biased_b;
    transforms_q <= {transforms_q[95:0], transform_b_q, transform_a_q};
  end

  // Cycles 4 to 6: the activation.
  activation #(
      .TABLE_WIDTH(TABLE_WIDTH),
      .TABLE_IMAGE(TABLE_IMAGE)
  ) u_activation_a (
      .clk(clk),
      .z_i(z_a_q),
      .lo_i(lo_i),
      .hi_i(hi_i),
      .use_table_i(use_table_i),
      .table_i(table_i),
      .y_o(data_a_o)
  );
  activation #(
      .TABLE_WIDTH(TABLE_WIDTH),
      .TABLE_IMAGE(TABLE_IMAGE)
  ) u_activation_b (
      .clk(clk),
      .z_i(z_b_q),
      .lo_i(lo_i),
      .hi_i(hi_i),
      .use_table_i(use_table_i),
      .table_i(table_i),
      .y_o(data_b_o)
  );

  wire [50:0] places = places_q[51*LATENCY-1-:51];
  assign word_a_o = places[23:0];
  assign word_b_o = places[47:24];
  assign valid_a_o = valid_q[LATENCY-1];
  assign valid_b_o = valid_q[LATENCY-1] && places[50];
  assign write_a_o = valid_q[LATENCY-1] && places[48];
  assign write_b_o = valid_q[LATENCY-1] && places[49];
  assign transform_a_o = transforms_q[111:96];
  assign transform_b_o = transforms_q[127:112];

  wire _unused_ok = &{1'b0, bias_address_a, bias_address_b, location, location_ends, word_a, word_b};
endmodule

`default_nettype wire
