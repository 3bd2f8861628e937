// Drives the engine and dumps what comes out: it sends stream_words_i words from the memory `inputs` (bit 16: tlast),
// gathers count_i vectors of words that leave in `outputs`, and counts cycles. With stall_seed_i = 0 neither stream pauses;
// otherwise both do, at random.
// It compares nothing; that is done outside, on the dumped words.
`default_nettype none

module engine_bench #(
    parameter LOG2_K_MAX = 11,
    parameter LANES = 4,
    parameter ACTIVATION_WIDTH = 13,
    parameter SPECTRUM_WIDTH = 13,
    parameter WEIGHT_WIDTH = 14,
    parameter WEIGHT_BITS = 16,
    parameter BIAS_WIDTH = 13,
    parameter TABLE_WIDTH = 2,
    parameter LAYER_WIDTH = 5,
    parameter STREAM_WIDTH = 16  // log2 of the words of all vectors of a run
) (
    input  wire        clk,
    input  wire        rst_i,
    input  wire [15:0] count_i,
    input  wire [23:0] stream_words_i,
    input  wire [23:0] output_words_i,
    input  wire [31:0] stall_seed_i,
    output wire        done_o,
    output reg  [31:0] cycles_o,
    output reg         tlast_wrong_o,
    output wire        tlast_missing_o,
    output wire        tlast_unexpected_o,

    output wire [   LAYER_WIDTH-1:0] trace_layer_o,
    output wire                      trace_load_o,
    output wire [SPECTRUM_WIDTH-1:0] trace_load_address_o,
    output wire [              31:0] trace_load_data_o,
    output wire                      trace_butterfly_o,
    output wire                      trace_butterfly_inverse_o,
    output wire [               3:0] trace_butterfly_stage_o,
    output wire [SPECTRUM_WIDTH-1:0] trace_butterfly_address_a_o,
    output wire [SPECTRUM_WIDTH-1:0] trace_butterfly_address_b_o,
    output wire [              31:0] trace_butterfly_data_a_o,
    output wire [              31:0] trace_butterfly_data_b_o,
    output wire                      trace_product_o,
    output wire [SPECTRUM_WIDTH-1:0] trace_product_address_o,
    output wire [              31:0] trace_product_acc_re_o,
    output wire [              31:0] trace_product_acc_im_o,
    output wire [              31:0] trace_product_data_o,
    output wire                      trace_slide_o,
    output wire [              23:0] trace_slide_place_o,
    output wire [              31:0] trace_slide_acc_o,
    output wire [              15:0] trace_slide_data_o,
    output wire                      trace_finish_a_o,
    output wire                      trace_finish_b_o,
    output wire                      trace_finish_write_a_o,
    output wire                      trace_finish_write_b_o,
    output wire [              23:0] trace_finish_padded_a_o,
    output wire [              23:0] trace_finish_padded_b_o,
    output wire [              23:0] trace_finish_address_a_o,
    output wire [              23:0] trace_finish_address_b_o,
    output wire [              31:0] trace_finish_data_a_o,
    output wire [              31:0] trace_finish_data_b_o
);
  localparam [STREAM_WIDTH-1:0] ONE = 1;

  // The memories the host fills and reads.
  wire [16:0] input_word;
  reg  [STREAM_WIDTH-1:0] input_address_q;
  wire [STREAM_WIDTH-1:0] input_address_d;
  memory #(
      .WIDTH(17),
      .ADDRESS_WIDTH(STREAM_WIDTH)
  ) u_inputs (
      .clk(clk),
      .write_i(1'b0),
      .write_address_i({STREAM_WIDTH{1'b0}}),
      .data_i(17'd0),
      .read_address_i(input_address_d),
      .data_o(input_word)
  );
  wire output_beat;
  wire [15:0] output_word;
  reg [STREAM_WIDTH-1:0] output_address_q;
  wire [15:0] unused_word;
  memory #(
      .WIDTH(16),
      .ADDRESS_WIDTH(STREAM_WIDTH)
  ) u_outputs (
      .clk(clk),
      .write_i(output_beat),
      .write_address_i(output_address_q),
      .data_i(output_word),
      .read_address_i(output_address_q),
      .data_o(unused_word)
  );

  // Pauses: a stream may move when its bits of a 32-bit Galois register are not zero.
  reg [31:0] random_q;
  wire stalling = (stall_seed_i != 32'd0);
  wire send_allowed = !stalling || (random_q[1:0] != 2'd0);
  wire take_allowed = !stalling || (random_q[5:4] == 2'd0);

  reg started_q, offering_q;
  reg [15:0] taken_vectors_q;
  reg [23:0] sent_words_q, taken_words_q;
  wire ready, valid, input_beat, output_last;
  wire [23:0] sent_words_d = input_beat ? sent_words_q + 24'd1 : sent_words_q;
  wire last_expected = (taken_words_q == output_words_i - 24'd1);

  assign input_beat = offering_q && ready;
  assign output_beat = valid && take_allowed;
  assign input_address_d = input_beat ? input_address_q + ONE : input_address_q;
  assign done_o = (taken_vectors_q == count_i);

  always @(posedge clk) begin
    if (rst_i) begin
      random_q <= (stall_seed_i == 32'd0) ? 32'd1 : stall_seed_i;
      input_address_q <= {STREAM_WIDTH{1'b0}};
      output_address_q <= {STREAM_WIDTH{1'b0}};
      started_q <= 1'b0;
      offering_q <= 1'b0;
      taken_vectors_q <= 16'd0;
      sent_words_q <= 24'd0;
      taken_words_q <= 24'd0;
      cycles_o <= 32'd0;
      tlast_wrong_o <= 1'b0;
    end else begin
      random_q <= {1'b0, random_q[31:1]} ^ (random_q[0] ? 32'h80200003 : 32'd0);
      input_address_q <= input_address_d;
      started_q <= started_q || input_beat;
      if (started_q && !done_o) cycles_o <= cycles_o + 32'd1;
      sent_words_q <= sent_words_d;
      // An offered word stays until it is taken, as the protocol demands.
      if (!offering_q || input_beat) begin
        offering_q <= send_allowed && (sent_words_d != stream_words_i);
      end
      if (output_beat) begin
        output_address_q <= output_address_q + ONE;
        taken_words_q <= last_expected ? 24'd0 : taken_words_q + 24'd1;
        if (last_expected) taken_vectors_q <= taken_vectors_q + 16'd1;
        if (last_expected != output_last) tlast_wrong_o <= 1'b1;
      end
    end
  end

  circulant_engine #(
      .LOG2_K_MAX(LOG2_K_MAX),
      .LANES(LANES),
      .ACTIVATION_WIDTH(ACTIVATION_WIDTH),
      .SPECTRUM_WIDTH(SPECTRUM_WIDTH),
      .WEIGHT_WIDTH(WEIGHT_WIDTH),
      .WEIGHT_BITS(WEIGHT_BITS),
      .BIAS_WIDTH(BIAS_WIDTH),
      .TABLE_WIDTH(TABLE_WIDTH),
      .LAYER_WIDTH(LAYER_WIDTH)
  ) u_engine (
      .clk(clk),
      .rst_i(rst_i),
      .s_axis_tdata(input_word[15:0]),
      .s_axis_tvalid(offering_q),
      .s_axis_tready(ready),
      .s_axis_tlast(input_word[16]),
      .m_axis_tdata(output_word),
      .m_axis_tvalid(valid),
      .m_axis_tready(take_allowed),
      .m_axis_tlast(output_last),
      .tlast_missing_o(tlast_missing_o),
      .tlast_unexpected_o(tlast_unexpected_o),
      .trace_layer_o(trace_layer_o),
      .trace_load_o(trace_load_o),
      .trace_load_address_o(trace_load_address_o),
      .trace_load_data_o(trace_load_data_o),
      .trace_butterfly_o(trace_butterfly_o),
      .trace_butterfly_inverse_o(trace_butterfly_inverse_o),
      .trace_butterfly_stage_o(trace_butterfly_stage_o),
      .trace_butterfly_address_a_o(trace_butterfly_address_a_o),
      .trace_butterfly_address_b_o(trace_butterfly_address_b_o),
      .trace_butterfly_data_a_o(trace_butterfly_data_a_o),
      .trace_butterfly_data_b_o(trace_butterfly_data_b_o),
      .trace_product_o(trace_product_o),
      .trace_product_address_o(trace_product_address_o),
      .trace_product_acc_re_o(trace_product_acc_re_o),
      .trace_product_acc_im_o(trace_product_acc_im_o),
      .trace_product_data_o(trace_product_data_o),
      .trace_slide_o(trace_slide_o),
      .trace_slide_place_o(trace_slide_place_o),
      .trace_slide_acc_o(trace_slide_acc_o),
      .trace_slide_data_o(trace_slide_data_o),
      .trace_finish_a_o(trace_finish_a_o),
      .trace_finish_b_o(trace_finish_b_o),
      .trace_finish_write_a_o(trace_finish_write_a_o),
      .trace_finish_write_b_o(trace_finish_write_b_o),
      .trace_finish_padded_a_o(trace_finish_padded_a_o),
      .trace_finish_padded_b_o(trace_finish_padded_b_o),
      .trace_finish_address_a_o(trace_finish_address_a_o),
      .trace_finish_address_b_o(trace_finish_address_b_o),
      .trace_finish_data_a_o(trace_finish_data_a_o),
      .trace_finish_data_b_o(trace_finish_data_b_o)
  );

  wire _unused_ok = &{1'b0, unused_word};
endmodule

`default_nettype wire
