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
  localparam LOCATION_WIDTH = LOG2_K_MAX - 1;
  localparam LATENCY = 6;  // spectrum, inverse stage, bias, three of the activation

  wire real_only = (log2_k_i == 4'd0);
  wire [3:0] log2_locations = real_only ? 4'd0 : log2_k_i - 4'd1;
  wire [25:0] total = {10'd0, blocks_i} << log2_locations;

  reg running_q, second_q;
  reg [25:0] count_q;
  reg [LATENCY-1:0] valid_q;
  wire two_steps = spectra_i && !real_only;
  wire step_ends = !two_steps || second_q;
  wire last = step_ends && (count_q == total - 26'd1);

  always @(posedge clk) begin
    if (rst_i) begin
      running_q <= 1'b0;
      second_q  <= 1'b0;
      count_q   <= 26'd0;
      valid_q   <= {LATENCY{1'b0}};
    end else begin
      valid_q <= {valid_q[LATENCY-2:0], running_q};
      if (start_i) begin
        running_q <= 1'b1;
        second_q  <= 1'b0;
        count_q   <= 26'd0;
      end else if (running_q) begin
        second_q <= two_steps && !second_q;
        if (step_ends) count_q <= count_q + 26'd1;
        if (last) running_q <= 1'b0;
      end
    end
  end
  assign busy_o = running_q || (valid_q != {LATENCY{1'b0}});
  assign read_address_o = base_i + count_q[SPECTRUM_WIDTH-1:0];

  // Where the words of this location go.
  wire [25:0] location_mask = (26'd1 << log2_locations) - 26'd1;
  wire [25:0] location = count_q & location_mask;
  wire [25:0] block_base = (count_q & ~location_mask) << (real_only ? 4'd0 : 4'd1);
  wire [25:0] middle = 26'd1 << log2_locations;
  wire [LOCATION_WIDTH-1:0] reversed;
  wire [LOCATION_WIDTH-1:0] bin;
  bit_reverse #(.WIDTH(LOCATION_WIDTH)) u_reverse (
      .bits_i(log2_locations),
      .i_i(location[LOCATION_WIDTH-1:0]),
      .y_o(reversed)
  );
  bin_at_location #(.WIDTH(LOCATION_WIDTH)) u_bin (
      .location_i(location[LOCATION_WIDTH-1:0]),
      .bin_o(bin)
  );
  wire [25:0] wide_bin = {{(26 - LOCATION_WIDTH) {1'b0}}, bin};
  wire [25:0] imaginary = (location == 26'd0) ? middle : (middle << 1) - wide_bin;
  wire [25:0] word_a = block_base + (spectra_i ? (second_q ? imaginary : wide_bin)
                                               : {{(26 - LOCATION_WIDTH) {1'b0}}, reversed});
  wire [25:0] word_b = word_a + middle;
  wire inside_a = (word_a < {2'd0, words_i});
  wire has_b = !spectra_i && !real_only;
  wire inside_b = (word_b < {2'd0, words_i}) && has_b;

  // Places and word numbers travel beside the words.
  reg [51*LATENCY-1:0] places_q;
  reg second_of_q;
  always @(posedge clk) begin
    places_q <= {places_q[51*(LATENCY-1)-1:0], has_b, inside_b, inside_a, word_b[23:0], word_a[23:0]};
    second_of_q <= second_q;
  end
  wire [23:0] bias_word_a = places_q[23:0];
  wire [23:0] bias_word_b = places_q[47:24];

  // Cycle 1: the last inverse stage.
  wire signed [15:0] a, b, sum, difference;
  half_if u_half_a (.scaled_i(scaled_i), .a_i(data_i[15:0]), .y_o(a));
  half_if u_half_b (.scaled_i(scaled_i), .a_i(data_i[31:16]), .y_o(b));
  add_sat u_sum (.a_i(a), .b_i(b), .y_o(sum));
  sub_sat u_difference (.a_i(a), .b_i(b), .y_o(difference));
  wire signed [15:0] as_is = second_of_q ? data_i[31:16] : data_i[15:0];

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

  wire _unused_ok = &{1'b0, bias_address_a, bias_address_b, word_a, word_b, base_i};
endmodule

`default_nettype wire
