// A whole block-circulant network: AXI4-Stream in, AXI4-Stream out, 16-bit words in natural order (pictures row by row,
// the channels of a pixel together), tlast at the end of a vector. The operations come from the descriptor image, which
// src/rtl/descriptor.ts lays out; so do the weights, biases, tables and twiddles from theirs. One vector is under way at a
// time; the units work in turn.
// The trace_* ports show every word that the units write; unconnected they cost nothing.
`default_nettype none

module circulant_engine #(
    parameter LOG2_K_MAX = 11,        // largest block size, 3 .. 11
    parameter LANES = 4,              // complex multipliers of the spectral product, 1 .. 64
    parameter ACTIVATION_WIDTH = 13,  // log2 of the words of the arena that holds the tensors
    parameter SPECTRUM_WIDTH = 13,    // log2 of the locations for the input and output spectra of an operation
    parameter WEIGHT_WIDTH = 14,      // log2 of the weight words, each of LANES complex weights
    parameter WEIGHT_BITS = 16,       // bits of a weight in its memory, 8 .. 16
    parameter BIAS_WIDTH = 13,        // log2 of the bias words
    parameter TABLE_WIDTH = 2,        // log2 of the tables
    parameter LAYER_WIDTH = 5,        // log2 of the operations
    parameter DESCRIPTOR_IMAGE = "",
    parameter WEIGHT_IMAGE = "",
    parameter BIAS_IMAGE = "",
    parameter TABLE_IMAGE = "",
    parameter TWIDDLE_IMAGE = ""
) (
    input wire clk,
    input wire rst_i,

    input  wire [15:0] s_axis_tdata,
    input  wire        s_axis_tvalid,
    output wire        s_axis_tready,
    input  wire        s_axis_tlast,

    output wire [15:0] m_axis_tdata,
    output wire        m_axis_tvalid,
    input  wire        m_axis_tready,
    output wire        m_axis_tlast,

    output wire tlast_missing_o,
    output wire tlast_unexpected_o,

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
  generate
    if (LOG2_K_MAX < 3 || LOG2_K_MAX > 11) begin : g_bad_log2_k_max
      ERROR_circulant_engine_LOG2_K_MAX_must_be_3_to_11 u_bad ();
    end
    if (LANES < 1 || LANES > 64) begin : g_bad_lanes
      ERROR_circulant_engine_LANES_must_be_1_to_64 u_bad ();
    end
    if (ACTIVATION_WIDTH < 3 || ACTIVATION_WIDTH > 24) begin : g_bad_activation_width
      ERROR_circulant_engine_ACTIVATION_WIDTH_must_be_3_to_24 u_bad ();
    end
    if (SPECTRUM_WIDTH < LOG2_K_MAX + 1 || SPECTRUM_WIDTH > 24) begin : g_bad_spectrum_width
      ERROR_circulant_engine_SPECTRUM_WIDTH_must_be_LOG2_K_MAX_plus_1_to_24 u_bad ();
    end
    if (WEIGHT_WIDTH < 1 || WEIGHT_WIDTH > 24 || BIAS_WIDTH < 1 || BIAS_WIDTH > 23) begin : g_bad_weight_width
      ERROR_circulant_engine_WEIGHT_WIDTH_must_be_1_to_24_and_BIAS_WIDTH_1_to_23 u_bad ();
    end
    if (WEIGHT_BITS < 8 || WEIGHT_BITS > 16) begin : g_bad_weight_bits
      ERROR_circulant_engine_WEIGHT_BITS_must_be_8_to_16 u_bad ();
    end
    if (TABLE_WIDTH < 1 || TABLE_WIDTH > 8 || LAYER_WIDTH < 1 || LAYER_WIDTH > 8) begin : g_bad_table_width
      ERROR_circulant_engine_TABLE_WIDTH_and_LAYER_WIDTH_must_be_1_to_8 u_bad ();
    end
  endgenerate

  // The descriptor of the operation under way.
  localparam DESCRIPTOR_BITS = 768;
  wire [LAYER_WIDTH-1:0] layer;
  wire [DESCRIPTOR_BITS-1:0] descriptor;
  memory #(
      .WIDTH(DESCRIPTOR_BITS),
      .ADDRESS_WIDTH(LAYER_WIDTH),
      .IMAGE(DESCRIPTOR_IMAGE)
  ) u_descriptors (
      .clk(clk),
      .write_i(1'b0),
      .write_address_i({LAYER_WIDTH{1'b0}}),
      .data_i({DESCRIPTOR_BITS{1'b0}}),
      .read_address_i(layer),
      .data_o(descriptor)
  );
  wire [2:0] op = descriptor[2:0];
  wire is_product = (op == 3'd0);
  wire is_rfft = (op == 3'd1);
  wire is_irfft = (op == 3'd2);
  wire is_maximum = (op == 3'd3);
  wire is_mean = (op == 3'd4);
  wire is_depthwise = (op == 3'd5);
  wire is_sum = (op == 3'd6);
  wire last_layer = descriptor[3];
  wire use_table = descriptor[4];
  wire has_bias = descriptor[5];
  wire [3:0] log2_k = descriptor[11:8];
  wire [4:0] shift = descriptor[16:12];
  wire [4:0] shift_a = descriptor[21:17];
  wire [4:0] shift_b = descriptor[26:22];
  wire [15:0] lo = descriptor[47:32];
  wire [15:0] hi = descriptor[63:48];
  wire [15:0] forward_schedule = descriptor[79:64];
  wire [15:0] inverse_schedule = descriptor[95:80];
  wire [TABLE_WIDTH-1:0] table_number = descriptor[96+:TABLE_WIDTH];
  wire [7:0] kernel_rows = descriptor[111:104];
  wire [7:0] kernel_columns = descriptor[119:112];
  wire [7:0] stride = descriptor[127:120];
  wire [7:0] pad = descriptor[135:128];
  wire [15:0] factor = descriptor[151:136];
  wire [15:0] height = descriptor[175:160];
  wire [15:0] width = descriptor[191:176];
  wire [15:0] window_rows = descriptor[207:192];
  wire [15:0] window_columns = descriptor[223:208];
  wire [23:0] receive_base = descriptor[247:224];
  wire [23:0] receive_words = descriptor[271:248];
  wire [23:0] transmit_words = descriptor[295:272];
  wire [23:0] input_base = descriptor[319:296];
  wire [23:0] second_base = descriptor[343:320];
  wire [23:0] output_base = descriptor[367:344];
  wire [23:0] input_rows = descriptor[391:368];
  wire [23:0] input_blocks = descriptor[415:392];
  wire [23:0] input_words = descriptor[439:416];
  wire [23:0] output_rows = descriptor[463:440];
  wire [23:0] output_blocks = descriptor[487:464];
  wire [23:0] output_words = descriptor[511:488];
  wire [23:0] input_locations = descriptor[535:512];
  wire [23:0] output_locations = descriptor[559:536];
  wire [SPECTRUM_WIDTH-1:0] product_base = descriptor[560+:SPECTRUM_WIDTH];
  wire [WEIGHT_WIDTH-1:0] weight_base = descriptor[584+:WEIGHT_WIDTH];
  wire [BIAS_WIDTH-1:0] bias_base = descriptor[608+:BIAS_WIDTH];
  wire [23:0] origin = descriptor[655:632];
  wire [23:0] pixel_stride = descriptor[679:656];
  wire [23:0] line_stride = descriptor[703:680];
  wire [23:0] column_step = descriptor[727:704];
  wire [23:0] row_step = descriptor[751:728];

  wire start, receiving, loading, forward, multiplying, inverse, unloading, sliding, summing, transmitting;
  wire receive_busy, load_busy, transform_busy, product_busy, unload_busy, slide_busy, sum_busy, finish_busy;
  wire transmit_busy;
  sequencer #(.LAYER_WIDTH(LAYER_WIDTH)) u_sequencer (
      .clk(clk),
      .rst_i(rst_i),
      .is_product_i(is_product),
      .is_rfft_i(is_rfft),
      .is_irfft_i(is_irfft),
      .is_window_i(is_maximum || is_mean || is_depthwise),
      .is_sum_i(is_sum),
      .last_layer_i(last_layer),
      .unit_busy_i(receive_busy || load_busy || transform_busy || product_busy || unload_busy || slide_busy
                   || sum_busy || finish_busy || transmit_busy),
      .layer_o(layer),
      .start_o(start),
      .receiving_o(receiving),
      .loading_o(loading),
      .forward_o(forward),
      .multiplying_o(multiplying),
      .inverse_o(inverse),
      .unloading_o(unloading),
      .sliding_o(sliding),
      .summing_o(summing),
      .transmitting_o(transmitting)
  );

  // The tensors, natural order, where the memory plan puts them: written by receive and finish, read by load, slide, sum
  // and transmit.
  wire receive_write;
  wire [ACTIVATION_WIDTH-1:0] receive_address, load_address_a, load_address_b, transmit_address;
  wire [23:0] slide_address, sum_address;
  wire [15:0] receive_data, activation_a, activation_b;
  wire finish_write_a, finish_write_b;
  wire [23:0] finish_address_a, finish_address_b;
  wire [15:0] finish_data_a, finish_data_b;
  ternary_memory #(
      .WIDTH(16),
      .ADDRESS_WIDTH(ACTIVATION_WIDTH)
  ) u_activations (
      .clk(clk),
      .read_address_a_i(transmitting ? transmit_address : sliding ? slide_address[ACTIVATION_WIDTH-1:0] :
                        summing ? sum_address[ACTIVATION_WIDTH-1:0] : load_address_a),
      .read_address_b_i(load_address_b),
      .data_a_o(activation_a),
      .data_b_o(activation_b),
      .write_a_i(receive_write || finish_write_a),
      .write_b_i(finish_write_b),
      .write_address_a_i(receiving ? receive_address : finish_address_a[ACTIVATION_WIDTH-1:0]),
      .write_address_b_i(finish_address_b[ACTIVATION_WIDTH-1:0]),
      .data_a_i(receiving ? receive_data : finish_data_a),
      .data_b_i(finish_data_b)
  );

  // Spectra, a complex word a location: input blocks from 0, output blocks from product_base.
  wire load_write, transform_write, product_write;
  wire [SPECTRUM_WIDTH-1:0] load_write_address, product_read_address, product_write_address, unload_read_address;
  wire [SPECTRUM_WIDTH-1:0] transform_read_a, transform_read_b, transform_write_a, transform_write_b;
  wire [31:0] load_data, transform_data_a, transform_data_b, product_data, spectrum_a, spectrum_b;
  paired_memory #(
      .WIDTH(32),
      .ADDRESS_WIDTH(SPECTRUM_WIDTH)
  ) u_spectra (
      .clk(clk),
      .read_address_a_i(multiplying ? product_read_address : unloading ? unload_read_address : transform_read_a),
      .read_address_b_i(transform_read_b),
      .data_a_o(spectrum_a),
      .data_b_o(spectrum_b),
      .write_a_i(load_write || transform_write || product_write),
      .write_b_i(transform_write),
      .write_address_a_i(loading ? load_write_address : multiplying ? product_write_address : transform_write_a),
      .write_address_b_i(transform_write_b),
      .data_a_i(loading ? load_data : multiplying ? product_data : transform_data_a),
      .data_b_i(transform_data_b)
  );

  wire [WEIGHT_WIDTH-1:0] product_weight_address, slide_weight_address;
  wire [2*WEIGHT_BITS*LANES-1:0] kept_weights;
  wire [32*LANES-1:0] weights;
  memory #(
      .WIDTH(2 * WEIGHT_BITS * LANES),
      .ADDRESS_WIDTH(WEIGHT_WIDTH),
      .IMAGE(WEIGHT_IMAGE)
  ) u_weights (
      .clk(clk),
      .write_i(1'b0),
      .write_address_i({WEIGHT_WIDTH{1'b0}}),
      .data_i({2 * WEIGHT_BITS * LANES{1'b0}}),
      .read_address_i(sliding ? slide_weight_address : product_weight_address),
      .data_o(kept_weights)
  );
  widen #(
      .WORDS(2 * LANES),
      .BITS(WEIGHT_BITS)
  ) u_widen (
      .words_i(kept_weights),
      .words_o(weights)
  );

  receive #(.ADDRESS_WIDTH(ACTIVATION_WIDTH)) u_receive (
      .clk(clk),
      .rst_i(rst_i),
      .start_i(start && receiving),
      .base_i(receive_base),
      .words_i(receive_words),
      .busy_o(receive_busy),
      .s_axis_tdata(s_axis_tdata),
      .s_axis_tvalid(s_axis_tvalid),
      .s_axis_tready(s_axis_tready),
      .s_axis_tlast(s_axis_tlast),
      .write_o(receive_write),
      .address_o(receive_address),
      .data_o(receive_data),
      .tlast_missing_o(tlast_missing_o),
      .tlast_unexpected_o(tlast_unexpected_o)
  );

  load #(
      .LOG2_K_MAX(LOG2_K_MAX),
      .ACTIVATION_WIDTH(ACTIVATION_WIDTH),
      .SPECTRUM_WIDTH(SPECTRUM_WIDTH)
  ) u_load (
      .clk(clk),
      .rst_i(rst_i),
      .start_i(start && loading),
      .spectra_i(is_irfft),
      .log2_k_i(log2_k),
      .rows_i(input_rows),
      .blocks_i(input_blocks),
      .words_i(input_words),
      .base_i(input_base),
      .scaled_i(forward_schedule[0]),
      .busy_o(load_busy),
      .read_address_a_o(load_address_a),
      .read_address_b_o(load_address_b),
      .data_a_i(activation_a),
      .data_b_i(activation_b),
      .write_o(load_write),
      .write_address_o(load_write_address),
      .data_o(load_data)
  );

  wire [3:0] transform_stage;
  transform #(
      .LOG2_K_MAX(LOG2_K_MAX),
      .SPECTRUM_WIDTH(SPECTRUM_WIDTH),
      .TWIDDLE_IMAGE(TWIDDLE_IMAGE)
  ) u_transform (
      .clk(clk),
      .rst_i(rst_i),
      .start_i(start && (forward || inverse)),
      .inverse_i(inverse),
      .log2_k_i(log2_k),
      .locations_i(inverse ? output_locations : input_locations),
      .schedule_i(inverse ? inverse_schedule : forward_schedule),
      .base_i(inverse ? product_base : {SPECTRUM_WIDTH{1'b0}}),
      .busy_o(transform_busy),
      .read_address_a_o(transform_read_a),
      .read_address_b_o(transform_read_b),
      .data_a_i(spectrum_a),
      .data_b_i(spectrum_b),
      .write_o(transform_write),
      .write_address_a_o(transform_write_a),
      .write_address_b_o(transform_write_b),
      .data_a_o(transform_data_a),
      .data_b_o(transform_data_b),
      .stage_o(transform_stage)
  );

  wire [31:0] acc_re, acc_im;
  spectral_product #(
      .LANES(LANES),
      .LOG2_K_MAX(LOG2_K_MAX),
      .SPECTRUM_WIDTH(SPECTRUM_WIDTH),
      .WEIGHT_WIDTH(WEIGHT_WIDTH)
  ) u_product (
      .clk(clk),
      .rst_i(rst_i),
      .start_i(start && multiplying),
      .log2_k_i(log2_k),
      .output_blocks_i(output_blocks),
      .input_blocks_i(input_blocks),
      .shift_i(shift),
      .height_i(height),
      .width_i(width),
      .kernel_rows_i(kernel_rows),
      .kernel_columns_i(kernel_columns),
      .stride_i(stride),
      .pad_i(pad),
      .window_rows_i(window_rows),
      .window_columns_i(window_columns),
      .origin_i(origin),
      .pixel_stride_i(pixel_stride),
      .line_stride_i(line_stride),
      .column_step_i(column_step),
      .row_step_i(row_step),
      .weight_base_i(weight_base),
      .product_base_i(product_base),
      .busy_o(product_busy),
      .read_address_o(product_read_address),
      .spectrum_i(spectrum_a),
      .weight_address_o(product_weight_address),
      .weights_i(weights),
      .write_o(product_write),
      .write_address_o(product_write_address),
      .data_o(product_data),
      .acc_re_o(acc_re),
      .acc_im_o(acc_im)
  );

  wire unload_valid, unload_has_b, unload_inside_a, unload_inside_b;
  wire [23:0] unload_padded_a, unload_padded_b, unload_column_a, unload_column_b, unload_address_a, unload_address_b;
  wire [15:0] unload_word_a, unload_word_b;
  unload #(
      .LOG2_K_MAX(LOG2_K_MAX),
      .SPECTRUM_WIDTH(SPECTRUM_WIDTH)
  ) u_unload (
      .clk(clk),
      .rst_i(rst_i),
      .start_i(start && unloading),
      .spectra_i(is_rfft),
      .log2_k_i(log2_k),
      .rows_i(output_rows),
      .blocks_i(output_blocks),
      .words_i(output_words),
      .base_i(output_base),
      .scaled_i(inverse_schedule[0]),
      .product_base_i(product_base),
      .busy_o(unload_busy),
      .read_address_o(unload_read_address),
      .data_i(spectrum_a),
      .valid_o(unload_valid),
      .has_b_o(unload_has_b),
      .inside_a_o(unload_inside_a),
      .inside_b_o(unload_inside_b),
      .padded_a_o(unload_padded_a),
      .padded_b_o(unload_padded_b),
      .column_a_o(unload_column_a),
      .column_b_o(unload_column_b),
      .address_a_o(unload_address_a),
      .address_b_o(unload_address_b),
      .word_a_o(unload_word_a),
      .word_b_o(unload_word_b)
  );

  wire slide_valid;
  wire [23:0] slide_place, slide_channel;
  wire [31:0] slide_acc;
  wire [15:0] slide_word;
  slide #(
      .LANES(LANES),
      .WEIGHT_WIDTH(WEIGHT_WIDTH)
  ) u_slide (
      .clk(clk),
      .rst_i(rst_i),
      .start_i(start && sliding),
      .maximum_i(is_maximum),
      .mean_i(is_mean),
      .channels_i(output_words),
      .shift_i(shift),
      .factor_i(factor),
      .height_i(height),
      .width_i(width),
      .kernel_rows_i(kernel_rows),
      .kernel_columns_i(kernel_columns),
      .stride_i(stride),
      .pad_i(pad),
      .window_rows_i(window_rows),
      .window_columns_i(window_columns),
      .origin_i(origin),
      .pixel_stride_i(pixel_stride),
      .line_stride_i(line_stride),
      .column_step_i(column_step),
      .row_step_i(row_step),
      .weight_base_i(weight_base),
      .busy_o(slide_busy),
      .read_address_o(slide_address),
      .data_i(activation_a),
      .weight_address_o(slide_weight_address),
      .weights_i(weights),
      .valid_o(slide_valid),
      .place_o(slide_place),
      .channel_o(slide_channel),
      .acc_o(slide_acc),
      .word_o(slide_word)
  );

  wire sum_valid;
  wire [23:0] sum_place;
  wire [15:0] sum_word;
  sum u_sum (
      .clk(clk),
      .rst_i(rst_i),
      .start_i(start && summing),
      .words_i(output_words),
      .base_a_i(input_base),
      .base_b_i(second_base),
      .shift_a_i(shift_a),
      .shift_b_i(shift_b),
      .busy_o(sum_busy),
      .read_address_o(sum_address),
      .data_i(activation_a),
      .valid_o(sum_valid),
      .place_o(sum_place),
      .word_o(sum_word)
  );

  // Bias and activation of what unload, slide and sum make.
  wire [23:0] single_place = sliding ? slide_place : sum_place;
  wire [15:0] word_a, word_b;
  finish #(
      .BIAS_WIDTH(BIAS_WIDTH),
      .TABLE_WIDTH(TABLE_WIDTH),
      .BIAS_IMAGE(BIAS_IMAGE),
      .TABLE_IMAGE(TABLE_IMAGE)
  ) u_finish (
      .clk(clk),
      .rst_i(rst_i),
      .has_bias_i(has_bias),
      .bias_base_i(bias_base),
      .lo_i(lo),
      .hi_i(hi),
      .use_table_i(use_table),
      .table_i(table_number),
      .busy_o(finish_busy),
      .valid_a_i(unload_valid || slide_valid || sum_valid),
      .valid_b_i(unload_valid && unload_has_b),
      .inside_a_i(!unloading || unload_inside_a),
      .inside_b_i(unload_inside_b),
      .padded_a_i(unloading ? unload_padded_a : single_place),
      .padded_b_i(unload_padded_b),
      .column_a_i(sliding ? slide_channel : unload_column_a),
      .column_b_i(unload_column_b),
      .address_a_i(unloading ? unload_address_a : output_base + single_place),
      .address_b_i(unload_address_b),
      .word_a_i(unloading ? unload_word_a : sliding ? slide_word : sum_word),
      .word_b_i(unload_word_b),
      .valid_a_o(trace_finish_a_o),
      .valid_b_o(trace_finish_b_o),
      .write_a_o(finish_write_a),
      .write_b_o(finish_write_b),
      .padded_a_o(trace_finish_padded_a_o),
      .padded_b_o(trace_finish_padded_b_o),
      .address_a_o(finish_address_a),
      .address_b_o(finish_address_b),
      .word_a_o(word_a),
      .word_b_o(word_b),
      .data_a_o(finish_data_a),
      .data_b_o(finish_data_b)
  );

  transmit #(.ADDRESS_WIDTH(ACTIVATION_WIDTH)) u_transmit (
      .clk(clk),
      .rst_i(rst_i),
      .start_i(start && transmitting),
      .base_i(output_base),
      .words_i(transmit_words),
      .busy_o(transmit_busy),
      .address_o(transmit_address),
      .data_i(activation_a),
      .m_axis_tdata(m_axis_tdata),
      .m_axis_tvalid(m_axis_tvalid),
      .m_axis_tready(m_axis_tready),
      .m_axis_tlast(m_axis_tlast)
  );

  assign trace_layer_o = layer;
  assign trace_load_o = load_write;
  assign trace_load_address_o = load_write_address;
  assign trace_load_data_o = load_data;
  assign trace_butterfly_o = transform_write;
  assign trace_butterfly_inverse_o = inverse;
  assign trace_butterfly_stage_o = transform_stage;
  assign trace_butterfly_address_a_o = transform_write_a;
  assign trace_butterfly_address_b_o = transform_write_b;
  assign trace_butterfly_data_a_o = transform_data_a;
  assign trace_butterfly_data_b_o = transform_data_b;
  assign trace_product_o = product_write;
  assign trace_product_address_o = product_write_address;
  assign trace_product_acc_re_o = acc_re;
  assign trace_product_acc_im_o = acc_im;
  assign trace_product_data_o = product_data;
  assign trace_slide_o = slide_valid;
  assign trace_slide_place_o = slide_place;
  assign trace_slide_acc_o = slide_acc;
  assign trace_slide_data_o = slide_word;
  assign trace_finish_write_a_o = finish_write_a;
  assign trace_finish_write_b_o = finish_write_b;
  assign trace_finish_address_a_o = finish_address_a;
  assign trace_finish_address_b_o = finish_address_b;
  assign trace_finish_data_a_o = {word_a, finish_write_a ? finish_data_a : 16'd0};
  assign trace_finish_data_b_o = {word_b, finish_write_b ? finish_data_b : 16'd0};

  wire _unused_ok = &{1'b0, descriptor, slide_address, sum_address, finish_address_a, finish_address_b};
endmodule

`default_nettype wire
