// Bias and activation of a row of words on their way to a memory. Latency 5, a row a cycle. A row's biases stand in one
// word of the bias memory. done_o follows the write of the row marked last by a cycle.
`default_nettype none

module finish_row #(
    parameter LOG2_WORDS = 3,
    parameter BIAS_WIDTH = 8,
    parameter TABLES = 0
) (
    input  wire                        clk,
    input  wire                        rst_i,
    input  wire                        valid_i,
    input  wire                        last_i,
    input  wire [(16<<LOG2_WORDS)-1:0] row_i,
    input  wire [  (1<<LOG2_WORDS)-1:0] inside_i,
    input  wire [                23:0] base_i,
    input  wire [                 3:0] stride_i,
    input  wire [      BIAS_WIDTH-1:0] bias_address_i,
    input  wire                        has_bias_i,
    input  wire [                15:0] lo_i,
    input  wire [                15:0] hi_i,
    input  wire                        use_table_i,
    input  wire [                 7:0] table_i,
    input  wire                        output_i,          // to the output buffer, not to the activations
    output wire [  (1<<LOG2_WORDS)-1:0] write_o,
    output wire                        output_o,
    output wire [                23:0] base_o,
    output wire [                 3:0] stride_o,
    output wire [(16<<LOG2_WORDS)-1:0] row_o,
    output reg                         done_o,
    output reg                         done_output_o,     // it was the last of an output vector
    input  wire                        bias_load_i,
    input  wire                        table_load_i,
    input  wire [                23:0] load_address_i,
    input  wire [                 7:0] load_limb_i,
    input  wire [                31:0] load_data_i
);
  localparam WORDS = 1 << LOG2_WORDS;
  localparam LATENCY = 5;  // bias, sum, three of the activation

  wire [16*WORDS-1:0] biases;
  limb_memory #(
      .LIMBS(WORDS / 2),
      .ADDRESS_WIDTH(BIAS_WIDTH)
  ) u_bias (
      .clk(clk),
      .write_i(bias_load_i),
      .write_address_i(load_address_i[BIAS_WIDTH-1:0]),
      .write_limb_i(load_limb_i),
      .data_i(load_data_i),
      .read_address_i(bias_address_i),
      .data_o(biases)
  );

  reg has_bias_q;
  reg [16*WORDS-1:0] row_q;
  reg [40:0] settings_q, settings_2q;
  always @(posedge clk) begin
    has_bias_q <= has_bias_i;
    row_q <= row_i;
    settings_q <= {table_i, use_table_i, hi_i, lo_i};
    settings_2q <= settings_q;
  end

  genvar word;
  generate
    for (word = 0; word < WORDS; word = word + 1) begin : g_word
      wire signed [15:0] biased;
      reg signed [15:0] z_q;
      add_sat u_biased (.a_i(row_q[16*word+:16]), .b_i(biases[16*word+:16]), .y_o(biased));
      always @(posedge clk) z_q <= has_bias_q ? biased : row_q[16*word+:16];
      word_activation #(.TABLES(TABLES)) u_activation (
          .clk(clk),
          .z_i(z_q),
          .lo_i(settings_2q[15:0]),
          .hi_i(settings_2q[31:16]),
          .use_table_i(settings_2q[32]),
          .table_i(settings_2q[40:33]),
          .load_i(table_load_i),
          .load_address_i(load_address_i[16:0]),
          .load_data_i(load_data_i[15:0]),
          .y_o(row_o[16*word+:16])
      );
    end
  endgenerate

  // Beside the words.
  reg [LATENCY-1:0] valid_q, last_q;
  wire [WORDS-1:0] inside_words;
  delay_line #(
      .WIDTH(WORDS + 29),
      .DEPTH(LATENCY)
  ) u_beside (
      .clk(clk),
      .rst_i(rst_i),
      .data_i({output_i, stride_i, base_i, inside_i}),
      .data_o({output_o, stride_o, base_o, inside_words})
  );
  always @(posedge clk) begin
    valid_q <= rst_i ? {LATENCY{1'b0}} : {valid_q[LATENCY-2:0], valid_i};
    last_q <= {last_q[LATENCY-2:0], last_i};
    done_o <= valid_q[LATENCY-1] && last_q[LATENCY-1] && !rst_i;
    done_output_o <= valid_q[LATENCY-1] && last_q[LATENCY-1] && output_o && !rst_i;
  end
  assign write_o = valid_q[LATENCY-1] ? inside_words : {WORDS{1'b0}};

  wire _unused_ok = &{1'b0, load_address_i};
endmodule

`default_nettype wire
