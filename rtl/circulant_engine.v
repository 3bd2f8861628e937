// A whole block-circulant network: AXI4-Stream in, AXI4-Stream out, 16-bit words in natural order, tlast at the end of
// a vector. The layers come from the descriptor image, which src/rtl/descriptor.ts lays out; so do the weights, biases,
// tables and twiddles from theirs. One vector is under way at a time; the units work in turn.
// The trace_* ports show every word that the units write; unconnected they cost nothing.
`default_nettype none

module circulant_engine #(
    parameter LOG2_K_MAX = 11,        // largest block size, 3 .. 11
    parameter LANES = 4,              // complex multipliers of the spectral product, 1 .. 64
    parameter ACTIVATION_WIDTH = 13,  // log2 of the words of the widest vector, padded to whole blocks
    parameter SPECTRUM_WIDTH = 13,    // log2 of the locations for the input and output spectra of a layer
    parameter WEIGHT_WIDTH = 14,      // log2 of the weight words, each of LANES complex weights
    parameter BIAS_WIDTH = 13,        // log2 of the bias words
    parameter TABLE_WIDTH = 2,        // log2 of the tables
    parameter LAYER_WIDTH = 5,        // log2 of the layers
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
    output wire                      trace_unload_a_o,
    output wire                      trace_unload_b_o,
    output wire [              23:0] trace_unload_word_a_o,
    output wire [              23:0] trace_unload_word_b_o,
    output wire [              31:0] trace_unload_data_a_o,
    output wire [              31:0] trace_unload_data_b_o
);
  generate
    if (LOG2_K_MAX < 3 || LOG2_K_MAX > 11) begin : g_bad_log2_k_max
      ERROR_circulant_engine_LOG2_K_MAX_must_be_3_to_11 u_bad ();
    end
    if (LANES < 1 || LANES > 64) begin : g_bad_lanes
      ERROR_circulant_engine_LANES_must_be_1_to_64 u_bad ();
    end
    if (ACTIVATION_WIDTH < LOG2_K_MAX || ACTIVATION_WIDTH > 24) begin : g_bad_activation_width
      ERROR_circulant_engine_ACTIVATION_WIDTH_must_be_LOG2_K_MAX_to_24 u_bad ();
    end
    if (SPECTRUM_WIDTH < LOG2_K_MAX + 1 || SPECTRUM_WIDTH > 24) begin : g_bad_spectrum_width
      ERROR_circulant_engine_SPECTRUM_WIDTH_must_be_LOG2_K_MAX_plus_1_to_24 u_bad ();
    end
    if (WEIGHT_WIDTH < 1 || WEIGHT_WIDTH > 24 || BIAS_WIDTH < 1 || BIAS_WIDTH > 23) begin : g_bad_weight_width
      ERROR_circulant_engine_WEIGHT_WIDTH_must_be_1_to_24_and_BIAS_WIDTH_1_to_23 u_bad ();
    end
    if (TABLE_WIDTH < 1 || TABLE_WIDTH > 8 || LAYER_WIDTH < 1 || LAYER_WIDTH > 8) begin : g_bad_table_width
      ERROR_circulant_engine_TABLE_WIDTH_and_LAYER_WIDTH_must_be_1_to_8 u_bad ();
    end
  endgenerate

  // The descriptor of the layer under way.
  wire [LAYER_WIDTH-1:0] layer;
  wire [255:0] descriptor;
  memory #(
      .WIDTH(256),
      .ADDRESS_WIDTH(LAYER_WIDTH),
      .IMAGE(DESCRIPTOR_IMAGE)
  ) u_descriptors (
      .clk(clk),
      .write_i(1'b0),
      .write_address_i({LAYER_WIDTH{1'b0}}),
      .data_i(256'd0),
      .read_address_i(layer),
      .data_o(descriptor)
  );
  wire is_dense = (descriptor[1:0] == 2'd0);
  wire is_rfft = (descriptor[1:0] == 2'd1);
  wire is_irfft = (descriptor[1:0] == 2'd2);
  wire last_layer = descriptor[2];
  wire use_table = descriptor[3];
  wire [3:0] log2_k = descriptor[7:4];
  wire [4:0] shift = descriptor[12:8];
  wire [15:0] lo = descriptor[31:16];
  wire [15:0] hi = descriptor[47:32];
  wire [15:0] forward_schedule = descriptor[63:48];
  wire [15:0] inverse_schedule = descriptor[79:64];
  wire [15:0] input_blocks = descriptor[95:80];
  wire [15:0] output_blocks = descriptor[111:96];
  wire [23:0] input_words = descriptor[151:128];
  wire [23:0] output_words = descriptor[175:152];
  wire [WEIGHT_WIDTH-1:0] weight_base = descriptor[176+:WEIGHT_WIDTH];
  wire [BIAS_WIDTH-1:0] bias_base = descriptor[200+:BIAS_WIDTH];
  wire [SPECTRUM_WIDTH-1:0] product_base = descriptor[224+:SPECTRUM_WIDTH];
  wire [TABLE_WIDTH-1:0] table_number = descriptor[248+:TABLE_WIDTH];

  wire start, receiving, loading, forward, multiplying, inverse, unloading, transmitting;
  wire receive_busy, load_busy, transform_busy, product_busy, unload_busy, transmit_busy;
  sequencer #(.LAYER_WIDTH(LAYER_WIDTH)) u_sequencer (
      .clk(clk),
      .rst_i(rst_i),
      .is_dense_i(is_dense),
      .is_rfft_i(is_rfft),
      .last_layer_i(last_layer),
      .unit_busy_i(receive_busy || load_busy || transform_busy || product_busy || unload_busy || transmit_busy),
      .layer_o(layer),
      .start_o(start),
      .receiving_o(receiving),
      .loading_o(loading),
      .forward_o(forward),
      .multiplying_o(multiplying),
      .inverse_o(inverse),
      .unloading_o(unloading),
      .transmitting_o(transmitting)
  );

  // Activations, natural order: written by receive and unload, read by load and transmit.
  wire receive_write;
  wire [ACTIVATION_WIDTH-1:0] receive_address, load_address_a, load_address_b, transmit_address;
  wire [15:0] receive_data, activation_a, activation_b;
  wire unload_write_a, unload_write_b;
  wire [23:0] unload_word_a, unload_word_b;
  wire [15:0] unload_data_a, unload_data_b;
  paired_memory #(
      .WIDTH(16),
      .ADDRESS_WIDTH(ACTIVATION_WIDTH)
  ) u_activations (
      .clk(clk),
      .read_address_a_i(transmitting ? transmit_address : load_address_a),
      .read_address_b_i(load_address_b),
      .data_a_o(activation_a),
      .data_b_o(activation_b),
      .write_a_i(receive_write || unload_write_a),
      .write_b_i(unload_write_b),
      .write_address_a_i(receiving ? receive_address : unload_word_a[ACTIVATION_WIDTH-1:0]),
      .write_address_b_i(unload_word_b[ACTIVATION_WIDTH-1:0]),
      .data_a_i(receiving ? receive_data : unload_data_a),
      .data_b_i(unload_data_b)
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

  wire [WEIGHT_WIDTH-1:0] weight_address;
  wire [32*LANES-1:0] weights;
  memory #(
      .WIDTH(32 * LANES),
      .ADDRESS_WIDTH(WEIGHT_WIDTH),
      .IMAGE(WEIGHT_IMAGE)
  ) u_weights (
      .clk(clk),
      .write_i(1'b0),
      .write_address_i({WEIGHT_WIDTH{1'b0}}),
      .data_i({32 * LANES{1'b0}}),
      .read_address_i(weight_address),
      .data_o(weights)
  );

  receive #(.ADDRESS_WIDTH(ACTIVATION_WIDTH)) u_receive (
      .clk(clk),
      .rst_i(rst_i),
      .start_i(start && receiving),
      .words_i(input_words),
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
      .blocks_i(input_blocks),
      .words_i(input_words),
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
      .blocks_i(inverse ? output_blocks : input_blocks),
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
      .weight_base_i(weight_base),
      .product_base_i(product_base),
      .busy_o(product_busy),
      .read_address_o(product_read_address),
      .spectrum_i(spectrum_a),
      .weight_address_o(weight_address),
      .weights_i(weights),
      .write_o(product_write),
      .write_address_o(product_write_address),
      .data_o(product_data),
      .acc_re_o(acc_re),
      .acc_im_o(acc_im)
  );

  wire [15:0] transform_word_a, transform_word_b;
  unload #(
      .LOG2_K_MAX(LOG2_K_MAX),
      .SPECTRUM_WIDTH(SPECTRUM_WIDTH),
      .BIAS_WIDTH(BIAS_WIDTH),
      .TABLE_WIDTH(TABLE_WIDTH),
      .BIAS_IMAGE(BIAS_IMAGE),
      .TABLE_IMAGE(TABLE_IMAGE)
  ) u_unload (
      .clk(clk),
      .rst_i(rst_i),
      .start_i(start && unloading),
      .spectra_i(is_rfft),
      .log2_k_i(log2_k),
      .blocks_i(output_blocks),
      .words_i(output_words),
      .scaled_i(inverse_schedule[0]),
      .base_i(product_base),
      .bias_base_i(bias_base),
      .lo_i(lo),
      .hi_i(hi),
      .use_table_i(use_table),
      .table_i(table_number),
      .busy_o(unload_busy),
      .read_address_o(unload_read_address),
      .data_i(spectrum_a),
      .valid_a_o(trace_unload_a_o),
      .valid_b_o(trace_unload_b_o),
      .write_a_o(unload_write_a),
      .write_b_o(unload_write_b),
      .word_a_o(unload_word_a),
      .word_b_o(unload_word_b),
      .data_a_o(unload_data_a),
      .data_b_o(unload_data_b),
      .transform_a_o(transform_word_a),
      .transform_b_o(transform_word_b)
  );

  transmit #(.ADDRESS_WIDTH(ACTIVATION_WIDTH)) u_transmit (
      .clk(clk),
      .rst_i(rst_i),
      .start_i(start && transmitting),
      .words_i(output_words),
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
  assign trace_unload_word_a_o = unload_word_a;
  assign trace_unload_word_b_o = unload_word_b;
  assign trace_unload_data_a_o = {transform_word_a, unload_write_a ? unload_data_a : 16'd0};
  assign trace_unload_data_b_o = {transform_word_b, unload_write_b ? unload_data_b : 16'd0};

  wire _unused_ok = &{1'b0, descriptor, unload_word_a, unload_word_b};
endmodule

`default_nettype wire
