// A whole block-circulant network at the rate of its multipliers: forward transforms, spectral products and inverse
// transforms of different blocks, operations and vectors run at once. AXI4-Stream in, AXI4-Stream out, 16-bit words in
// natural order. What it computes comes from memories that are filled through the load port; src/rtl/pipeline lays
// them out (fields.ts). Twin of circulant_engine.v in words, not in cycles.
//
//   input ring -+-> forward_unit -> spectra -> product_unit -> products -> inverse_unit -+-> finish_row -+-> activations
//   activations +-> vector_unit ---------------------------------------------------------+               +-> output ring
//
// The trace_* ports show each row of words that a unit makes; unconnected they cost nothing.
`default_nettype none

module circulant_pipeline #(
    parameter LOG2_PATHS = 2,         // log2 of the locations a cycle of transforms and products, 1 .. 3
    parameter BLOCKS = 16,            // output blocks at once, 1 .. 64: BLOCKS << LOG2_PATHS complex multipliers
    parameter LOG2_K_MAX = 11,        // largest block size, LOG2_PATHS + 2 .. 11
    parameter LOG2_STREAM = 3,        // log2 of the words of a beat, 0 .. LOG2_PATHS + 1
    parameter VECTOR = 4,             // words at once of pools and sums: 0, or a power of two up to 2 << LOG2_PATHS
    parameter TABLES = 0,             // activation tables: 0, or a power of two
    parameter INPUT_WIDTH = 12,       // log2 of the words of the input ring
    parameter ACTIVATION_WIDTH = 12,  // of the arenas of all vectors of a round
    parameter OUTPUT_WIDTH = 12,      // of the output ring
    parameter SPECTRUM_WIDTH = 10,    // log2 of the rows of the spectrum memory, at least LOG2_K_MAX - LOG2_PATHS
    parameter PRODUCT_WIDTH = 11,     // of the product memory, at least LOG2_K_MAX - LOG2_PATHS + 2
    parameter WEIGHT_WIDTH = 9,       // log2 of the weight words, each a weight for every multiplier
    parameter WEIGHT_BITS = 16,       // bits of a weight in its memory, 8 .. 16: the low ones of those that are loaded
    parameter BIAS_WIDTH = 9,         // log2 of the rows of biases
    parameter LAYER_WIDTH = 4,        // log2 of the operations
    parameter TWIDDLE_IMAGE = ""
) (
    input wire clk,
    input wire rst_i,

    input  wire [(16<<LOG2_STREAM)-1:0] s_axis_tdata,
    input  wire                         s_axis_tvalid,
    output wire                         s_axis_tready,
    input  wire                         s_axis_tlast,

    output wire [(16<<LOG2_STREAM)-1:0] m_axis_tdata,
    output wire [ (2<<LOG2_STREAM)-1:0] m_axis_tkeep,
    output wire                         m_axis_tvalid,
    input  wire                         m_axis_tready,
    output wire                         m_axis_tlast,

    // Fills the memories, in reset or while nothing is under way: limb load_limb_i of word load_address_i.
    input wire        load_i,
    input wire [ 2:0] load_region_i,   // 0 header, 1 front, 2 product, 3 back, 4 weights, 5 biases, 6 tables
    input wire [23:0] load_address_i,
    input wire [ 7:0] load_limb_i,
    input wire [31:0] load_data_i,

    output wire idle_o,
    output wire tlast_missing_o,
    output wire tlast_unexpected_o,

    output wire                         trace_spectra_o,
    output wire [(32<<LOG2_PATHS)-1:0]  trace_spectra_row_o,
    output wire                         trace_sums_o,
    output wire [(64<<LOG2_PATHS)-1:0]  trace_sums_row_o,
    output wire                         trace_products_o,
    output wire [(32<<LOG2_PATHS)-1:0]  trace_products_row_o,
    output wire                         trace_transforms_o,
    output wire [(32<<LOG2_PATHS)-1:0]  trace_transforms_row_o,
    output wire                         trace_vector_o,
    output wire [(VECTOR==0?32:32*VECTOR)-1:0] trace_vector_sums_o,
    output wire [(VECTOR==0?16:16*VECTOR)-1:0] trace_vector_words_o,
    output wire                         trace_outputs_o,
    output wire [ (2<<LOG2_PATHS)-1:0]  trace_outputs_inside_o,
    output wire [(32<<LOG2_PATHS)-1:0]  trace_outputs_row_o,
    output wire [                  4:0] busy_units_o  // this cycle: receives, reads, multiplies, reads back, sends
);
  localparam PATHS = 1 << LOG2_PATHS;
  localparam LOG2_WORDS = LOG2_PATHS + 1;
  localparam WORDS = 1 << LOG2_WORDS;
  localparam ROW = 16 * WORDS;
  localparam QUARTER_WIDTH = PRODUCT_WIDTH - 2;

  generate
    if (LOG2_PATHS < 1 || LOG2_PATHS > 3 || BLOCKS < 1 || BLOCKS > 64) begin : g_bad_paths
      ERROR_circulant_pipeline_LOG2_PATHS_must_be_1_to_3_and_BLOCKS_1_to_64 u_bad ();
    end
    if (LOG2_K_MAX < LOG2_PATHS + 2 || LOG2_K_MAX > 11) begin : g_bad_log2_k_max
      ERROR_circulant_pipeline_LOG2_K_MAX_must_be_LOG2_PATHS_plus_2_to_11 u_bad ();
    end
    if (LOG2_STREAM < 0 || LOG2_STREAM > LOG2_WORDS) begin : g_bad_stream
      ERROR_circulant_pipeline_LOG2_STREAM_must_be_0_to_LOG2_PATHS_plus_1 u_bad ();
    end
    if (VECTOR > WORDS || VECTOR > 2 * PATHS * BLOCKS) begin : g_bad_vector
      ERROR_circulant_pipeline_VECTOR_must_be_at_most_2_shifted_by_LOG2_PATHS u_bad ();
    end
    if (SPECTRUM_WIDTH < LOG2_K_MAX - LOG2_PATHS || PRODUCT_WIDTH < LOG2_K_MAX - LOG2_PATHS + 2) begin : g_bad_rows
      ERROR_circulant_pipeline_SPECTRUM_WIDTH_or_PRODUCT_WIDTH_too_small_for_LOG2_K_MAX u_bad ();
    end
    if (WEIGHT_BITS < 8 || WEIGHT_BITS > 16) begin : g_bad_weight_bits
      ERROR_circulant_pipeline_WEIGHT_BITS_must_be_8_to_16 u_bad ();
    end
    if (INPUT_WIDTH <= LOG2_WORDS || ACTIVATION_WIDTH <= LOG2_WORDS || OUTPUT_WIDTH <= LOG2_WORDS) begin : g_bad_words
      ERROR_circulant_pipeline_INPUT_ACTIVATION_and_OUTPUT_WIDTH_must_hold_two_rows u_bad ();
    end
  endgenerate

  // What holds for the whole network.
  wire [287:0] header;
  limb_memory #(
      .LIMBS(9),
      .ADDRESS_WIDTH(1)
  ) u_header (
      .clk(clk),
      .write_i(load_i && load_region_i == 3'd0),
      .write_address_i(load_address_i[0]),
      .write_limb_i(load_limb_i),
      .data_i(load_data_i),
      .read_address_i(1'b0),
      .data_o(header)
  );
  wire [1:0] buffers = header[17:16];
  wire input_packed = header[18];
  wire output_packed = header[19];
  wire [7:0] input_entries = header[31:24];
  wire [7:0] output_entries = header[39:32];
  wire [23:0] arena_stride = header[63:40];
  wire [23:0] input_stride = header[111:88];
  wire [23:0] output_stride = header[135:112];

  // The jobs.
  wire [LAYER_WIDTH-1:0] operation;
  wire [511:0] front;
  limb_memory #(
      .LIMBS(16),
      .ADDRESS_WIDTH(LAYER_WIDTH)
  ) u_front (
      .clk(clk),
      .write_i(load_i && load_region_i == 3'd1),
      .write_address_i(load_address_i[LAYER_WIDTH-1:0]),
      .write_limb_i(load_limb_i),
      .data_i(load_data_i),
      .read_address_i(operation),
      .data_o(front)
  );
  wire reads_input = front[1];
  wire releases_input = front[2];
  wire writes_output = front[3];

  wire arrived, transmitted, forward_ready, vector_busy, spectra_read, job_done, output_done;
  wire start_spectra, start_vector;
  wire [23:0] from_base, to_base, spectrum_base;
  wire [3:0] product_level, back_level;
  job_sequencer #(.LAYER_WIDTH(LAYER_WIDTH)) u_sequencer (
      .clk(clk),
      .rst_i(rst_i),
      .operations_i(header[7:0]),
      .slots_i(header[15:8]),
      .buffers_i(buffers),
      .spectrum_stride_i(header[87:64]),
      .arena_stride_i(arena_stride),
      .input_stride_i(input_stride),
      .input_entries_i(input_entries),
      .output_stride_i(output_stride),
      .output_entries_i(output_entries),
      .arrived_i(arrived),
      .transmitted_i(transmitted),
      .operation_o(operation),
      .is_vector_i(front[0]),
      .reads_input_i(reads_input),
      .writes_output_i(writes_output),
      .forward_ready_i(forward_ready),
      .vector_busy_i(vector_busy),
      .queue_ready_i(!product_level[3] && !back_level[3]),
      .spectra_read_i(spectra_read),
      .done_i(job_done),
      .start_spectra_o(start_spectra),
      .start_vector_o(start_vector),
      .spectrum_base_o(spectrum_base),
      .from_o(from_base),
      .to_o(to_base),
      .idle_o(idle_o)
  );

  // Input ring and activations; the unit that reads takes its words from one of them.
  wire [WORDS-1:0] receive_write, finish_write;
  wire [23:0] receive_base, finish_base, forward_base, vector_base, transmit_base;
  wire [3:0] finish_stride, forward_stride;
  wire [ROW-1:0] receive_row, finish_row, input_row, activation_row, output_row;
  wire finish_output, forward_read_last, vector_read_last;
  reg from_input_q, from_input_1q, from_input_2q, releases_q;
  always @(posedge clk) begin
    if (start_spectra || start_vector) begin
      from_input_q <= reads_input;
      releases_q   <= releases_input;
    end
    {from_input_2q, from_input_1q} <= {from_input_1q, from_input_q};
  end
  wire [23:0] read_base = vector_busy ? vector_base : forward_base;
  wire [3:0] read_stride = vector_busy ? 4'd0 : forward_stride;
  wire [ROW-1:0] read_row = from_input_2q ? input_row : activation_row;
  stream_receive #(
      .LOG2_STREAM(LOG2_STREAM),
      .LOG2_WORDS(LOG2_WORDS)
  ) u_receive (
      .clk(clk),
      .rst_i(rst_i),
      .words_i(header[159:136]),
      .packed_i(input_packed),
      .row_words_i(header[183:160]),
      .row_stride_i(header[207:184]),
      .entry_stride_i(input_stride),
      .entries_i(input_entries),
      .s_axis_tdata(s_axis_tdata),
      .s_axis_tvalid(s_axis_tvalid),
      .s_axis_tready(s_axis_tready),
      .s_axis_tlast(s_axis_tlast),
      .write_o(receive_write),
      .base_o(receive_base),
      .row_o(receive_row),
      .arrived_o(arrived),
      .release_i((forward_read_last || vector_read_last) && releases_q),
      .tlast_missing_o(tlast_missing_o),
      .tlast_unexpected_o(tlast_unexpected_o)
  );
  banked_memory #(
      .LOG2_WORDS(LOG2_WORDS),
      .ADDRESS_WIDTH(INPUT_WIDTH)
  ) u_inputs (
      .clk(clk),
      .read_base_i(read_base[INPUT_WIDTH-1:0]),
      .read_stride_i(read_stride),
      .data_o(input_row),
      .write_i(receive_write),
      .write_base_i(receive_base[INPUT_WIDTH-1:0]),
      .write_stride_i(4'd0),
      .data_i(receive_row)
  );
  banked_memory #(
      .LOG2_WORDS(LOG2_WORDS),
      .ADDRESS_WIDTH(ACTIVATION_WIDTH)
  ) u_activations (
      .clk(clk),
      .read_base_i(read_base[ACTIVATION_WIDTH-1:0]),
      .read_stride_i(read_stride),
      .data_o(activation_row),
      .write_i(finish_output ? {WORDS{1'b0}} : finish_write),
      .write_base_i(finish_base[ACTIVATION_WIDTH-1:0]),
      .write_stride_i(finish_stride),
      .data_i(finish_row)
  );

  // Spectra.
  wire spectra_write, spectra_done, forward_walking;
  wire [SPECTRUM_WIDTH-1:0] spectra_address, product_read_address;
  wire [ROW-1:0] spectra_row, spectrum;
  forward_unit #(
      .LOG2_PATHS(LOG2_PATHS),
      .LOG2_K_MAX(LOG2_K_MAX),
      .SPECTRUM_WIDTH(SPECTRUM_WIDTH),
      .TWIDDLE_IMAGE(TWIDDLE_IMAGE)
  ) u_forward (
      .clk(clk),
      .rst_i(rst_i),
      .ready_o(forward_ready),
      .walking_o(forward_walking),
      .start_i(start_spectra),
      .log2_k_i(front[11:8]),
      .schedule_i(front[32+:LOG2_K_MAX]),
      .pixels_i(front[247:224]),
      .blocks_i(front[271:248]),
      .tail_i(front[48+:LOG2_K_MAX+1]),
      .base_i(front[295:272] + from_base),
      .pixel_stride_i(front[319:296]),
      .rows_i(front[343:320]),
      .spectrum_base_i(spectrum_base[SPECTRUM_WIDTH-1:0]),
      .read_base_o(forward_base),
      .read_stride_o(forward_stride),
      .data_i(read_row),
      .read_last_o(forward_read_last),
      .write_o(spectra_write),
      .write_address_o(spectra_address),
      .row_o(spectra_row),
      .done_o(spectra_done)
  );
  row_memory #(
      .LOG2_PATHS(LOG2_PATHS),
      .ADDRESS_WIDTH(SPECTRUM_WIDTH)
  ) u_spectra (
      .clk(clk),
      .write_i(spectra_write),
      .write_address_i(spectra_address),
      .row_i(spectra_row),
      .read_address_i(product_read_address),
      .row_o(spectrum)
  );

  // Products. A job's descriptor is read while the job before it runs.
  wire product_ready, product_running, product_queued, product_quarter_free, product_full, product_write;
  wire [PRODUCT_WIDTH-1:0] product_address, inverse_read_address;
  wire [ROW-1:0] product_row, product_words;
  wire [WEIGHT_WIDTH-1:0] product_weight_address, vector_weight_address;
  wire [LAYER_WIDTH-1:0] product_operation;
  wire [SPECTRUM_WIDTH-1:0] product_base;
  reg product_fetched_q;
  reg [3:0] product_waiting_q;  // jobs whose spectra are complete
  wire start_product = product_fetched_q && product_ready && (product_waiting_q != 4'd0);
  fifo #(
      .WIDTH(LAYER_WIDTH + SPECTRUM_WIDTH),
      .ADDRESS_WIDTH(3)
  ) u_product_queue (
      .clk(clk),
      .rst_i(rst_i),
      .write_i(start_spectra),
      .data_i({spectrum_base[SPECTRUM_WIDTH-1:0], operation}),
      .level_o(product_level),
      .valid_o(product_queued),
      .ready_i(start_product),
      .data_o({product_base, product_operation})
  );
  wire [319:0] product;
  limb_memory #(
      .LIMBS(10),
      .ADDRESS_WIDTH(LAYER_WIDTH)
  ) u_product_fields (
      .clk(clk),
      .write_i(load_i && load_region_i == 3'd2),
      .write_address_i(load_address_i[LAYER_WIDTH-1:0]),
      .write_limb_i(load_limb_i),
      .data_i(load_data_i),
      .read_address_i(product_operation),
      .data_o(product)
  );
  always @(posedge clk) begin
    if (rst_i) begin
      product_fetched_q <= 1'b0;
      product_waiting_q <= 4'd0;
    end else begin
      product_fetched_q <= product_queued && !start_product;
      product_waiting_q <= product_waiting_q + {3'd0, spectra_done} - {3'd0, start_product};
    end
  end
  wire [32*PATHS*BLOCKS-1:0] weights;
  limb_memory #(
      .LIMBS(PATHS * BLOCKS),
      .ADDRESS_WIDTH(WEIGHT_WIDTH),
      .HALF_BITS(WEIGHT_BITS)
  ) u_weights (
      .clk(clk),
      .write_i(load_i && load_region_i == 3'd4),
      .write_address_i(load_address_i[WEIGHT_WIDTH-1:0]),
      .write_limb_i(load_limb_i),
      .data_i(load_data_i),
      .read_address_i(vector_busy ? vector_weight_address : product_weight_address),
      .data_o(weights)
  );
  product_unit #(
      .LOG2_PATHS(LOG2_PATHS),
      .BLOCKS(BLOCKS),
      .LOG2_K_MAX(LOG2_K_MAX),
      .SPECTRUM_WIDTH(SPECTRUM_WIDTH),
      .PRODUCT_WIDTH(PRODUCT_WIDTH),
      .WEIGHT_WIDTH(WEIGHT_WIDTH)
  ) u_product (
      .clk(clk),
      .rst_i(rst_i),
      .ready_o(product_ready),
      .running_o(product_running),
      .start_i(start_product),
      .log2_k_i(product[3:0]),
      .output_blocks_i(product[135:112]),
      .input_blocks_i(product[159:136]),
      .shift_i(product[8:4]),
      .height_i(product[63:48]),
      .width_i(product[79:64]),
      .kernel_rows_i(product[23:16]),
      .kernel_columns_i(product[31:24]),
      .stride_i(product[39:32]),
      .pad_i(product[47:40]),
      .window_rows_i(product[95:80]),
      .window_columns_i(product[111:96]),
      .origin_i(product[183:160]),
      .pixel_stride_i(product[207:184]),
      .line_stride_i(product[231:208]),
      .column_step_i(product[255:232]),
      .row_step_i(product[279:256]),
      .weight_base_i(product[280+:WEIGHT_WIDTH]),
      .spectrum_base_i(product_base),
      .read_address_o(product_read_address),
      .spectrum_i(spectrum),
      .weight_address_o(product_weight_address),
      .weights_i(weights),
      .free_i(product_quarter_free),
      .full_o(product_full),
      .done_o(spectra_read),
      .write_o(product_write),
      .write_address_o(product_address),
      .row_o(product_row),
      .sums_valid_o(trace_sums_o),
      .sums_o(trace_sums_row_o)
  );
  row_memory #(
      .LOG2_PATHS(LOG2_PATHS),
      .ADDRESS_WIDTH(PRODUCT_WIDTH)
  ) u_products (
      .clk(clk),
      .write_i(product_write),
      .write_address_i(product_address),
      .row_i(product_row),
      .read_address_i(inverse_read_address),
      .row_o(product_words)
  );

  // Back to words.
  localparam SETTINGS = 43;
  wire back_queued, inverse_ready, inverse_reading, inverse_valid, inverse_last;
  wire [LAYER_WIDTH-1:0] back_operation;
  wire back_output;
  wire [23:0] back_base, inverse_base;
  wire [3:0] inverse_stride;
  wire [WORDS-1:0] inverse_inside;
  wire [BIAS_WIDTH-1:0] inverse_bias;
  wire [SETTINGS-1:0] inverse_settings;
  wire [ROW-1:0] inverse_row;
  reg back_fetched_q;
  wire start_inverse = back_fetched_q && inverse_ready;
  fifo #(
      .WIDTH(LAYER_WIDTH + 25),
      .ADDRESS_WIDTH(3)
  ) u_back_queue (
      .clk(clk),
      .rst_i(rst_i),
      .write_i(start_spectra),
      .data_i({writes_output, front[487:464] + to_base, operation}),
      .level_o(back_level),
      .valid_o(back_queued),
      .ready_i(start_inverse),
      .data_o({back_output, back_base, back_operation})
  );
  wire [223:0] back;
  limb_memory #(
      .LIMBS(7),
      .ADDRESS_WIDTH(LAYER_WIDTH)
  ) u_back_fields (
      .clk(clk),
      .write_i(load_i && load_region_i == 3'd3),
      .write_address_i(load_address_i[LAYER_WIDTH-1:0]),
      .write_limb_i(load_limb_i),
      .data_i(load_data_i),
      .read_address_i(back_operation),
      .data_o(back)
  );
  always @(posedge clk) back_fetched_q <= back_queued && !start_inverse && !rst_i;
  inverse_unit #(
      .LOG2_PATHS(LOG2_PATHS),
      .LOG2_K_MAX(LOG2_K_MAX),
      .PRODUCT_WIDTH(PRODUCT_WIDTH),
      .BIAS_WIDTH(BIAS_WIDTH),
      .SETTINGS(SETTINGS),
      .TWIDDLE_IMAGE(TWIDDLE_IMAGE)
  ) u_inverse (
      .clk(clk),
      .rst_i(rst_i),
      .ready_o(inverse_ready),
      .reading_o(inverse_reading),
      .start_i(start_inverse),
      .log2_k_i(back[3:0]),
      .schedule_i(back[16+:LOG2_K_MAX]),
      .windows_i(back[119:96]),
      .blocks_i(back[143:120]),
      .rows_i(back[144+:QUARTER_WIDTH]),
      .tail_i(back[80+:LOG2_K_MAX+1]),
      .base_i(back_base),
      .pixel_stride_i(back[191:168]),
      .bias_base_i(back[192+:BIAS_WIDTH]),
      .settings_i({back_output, back[5], back[71:64], back[4], back[63:48], back[47:32]}),
      .full_i(product_full),
      .free_o(product_quarter_free),
      .read_address_o(inverse_read_address),
      .data_i(product_words),
      .valid_o(inverse_valid),
      .row_o(inverse_row),
      .base_o(inverse_base),
      .stride_o(inverse_stride),
      .inside_o(inverse_inside),
      .bias_address_o(inverse_bias),
      .settings_o(inverse_settings),
      .last_o(inverse_last)
  );

  // What works on words.
  wire vector_valid, vector_last;
  wire [ROW-1:0] vector_row;
  wire [WORDS-1:0] vector_inside;
  wire [23:0] vector_to;
  wire [BIAS_WIDTH-1:0] vector_bias;
  reg [SETTINGS-1:0] vector_settings_q;
  always @(posedge clk) begin
    if (start_vector) vector_settings_q <= {writes_output, front[7], front[119:112], front[6], front[95:80], front[79:64]};
  end
  generate
    if (VECTOR == 0) begin : g_no_vector
      assign vector_busy = 1'b0;
      assign vector_base = 24'd0;
      assign vector_read_last = 1'b0;
      assign vector_weight_address = {WEIGHT_WIDTH{1'b0}};
      assign vector_valid = 1'b0;
      assign vector_last = 1'b0;
      assign vector_row = {ROW{1'b0}};
      assign vector_inside = {WORDS{1'b0}};
      assign vector_to = 24'd0;
      assign vector_bias = {BIAS_WIDTH{1'b0}};
      assign trace_vector_sums_o = 32'd0;
      assign trace_vector_words_o = 16'd0;
    end else begin : g_vector
      vector_unit #(
          .LOG2_WORDS(LOG2_WORDS),
          .VECTOR(VECTOR),
          .WEIGHT_WIDTH(WEIGHT_WIDTH),
          .BIAS_WIDTH(BIAS_WIDTH)
      ) u_vector (
          .clk(clk),
          .rst_i(rst_i),
          .busy_o(vector_busy),
          .start_i(start_vector),
          .mode_i(front[5:4]),
          .groups_i(front[271:248]),
          .group_words_i(front[15:12]),
          .shift_i(front[20:16]),
          .shift_a_i(front[25:21]),
          .shift_b_i(front[30:26]),
          .factor_i(front[111:96]),
          .height_i(front[175:160]),
          .width_i(front[191:176]),
          .kernel_rows_i(front[127:120]),
          .kernel_columns_i(front[135:128]),
          .stride_i(front[143:136]),
          .pad_i(front[151:144]),
          .window_rows_i(front[207:192]),
          .window_columns_i(front[223:208]),
          .origin_i(front[295:272] + from_base),
          .pixel_stride_i(front[319:296]),
          .line_stride_i(front[367:344]),
          .column_step_i(front[391:368]),
          .row_step_i(front[415:392]),
          .weight_base_i(front[416+:WEIGHT_WIDTH]),
          .bias_base_i(front[440+:BIAS_WIDTH]),
          .base_i(front[487:464] + to_base),
          .output_stride_i(front[511:488]),
          .read_base_o(vector_base),
          .read_last_o(vector_read_last),
          .data_i(read_row[16*VECTOR-1:0]),
          .weight_address_o(vector_weight_address),
          .weights_i(weights[16*VECTOR-1:0]),
          .valid_o(vector_valid),
          .last_o(vector_last),
          .row_o(vector_row),
          .inside_o(vector_inside),
          .base_o(vector_to),
          .bias_address_o(vector_bias),
          .sums_o(trace_vector_sums_o)
      );
      assign trace_vector_words_o = vector_row[16*VECTOR-1:0];
    end
  endgenerate

  // Bias and activation of what inverse_unit and vector_unit make; the two are never busy at once.
  wire [SETTINGS-1:0] settings = vector_valid ? vector_settings_q : inverse_settings;
  finish_row #(
      .LOG2_WORDS(LOG2_WORDS),
      .BIAS_WIDTH(BIAS_WIDTH),
      .TABLES(TABLES)
  ) u_finish (
      .clk(clk),
      .rst_i(rst_i),
      .valid_i(inverse_valid || vector_valid),
      .last_i(vector_valid ? vector_last : inverse_last),
      .row_i(vector_valid ? vector_row : inverse_row),
      .inside_i(vector_valid ? vector_inside : inverse_inside),
      .base_i(vector_valid ? vector_to : inverse_base),
      .stride_i(vector_valid ? 4'd0 : inverse_stride),
      .bias_address_i(vector_valid ? vector_bias : inverse_bias),
      .has_bias_i(settings[41]),
      .lo_i(settings[15:0]),
      .hi_i(settings[31:16]),
      .use_table_i(settings[32]),
      .table_i(settings[40:33]),
      .output_i(settings[42]),
      .write_o(finish_write),
      .output_o(finish_output),
      .base_o(finish_base),
      .stride_o(finish_stride),
      .row_o(finish_row),
      .done_o(job_done),
      .done_output_o(output_done),
      .bias_load_i(load_i && load_region_i == 3'd5),
      .table_load_i(load_i && load_region_i == 3'd6),
      .load_address_i(load_address_i),
      .load_limb_i(load_limb_i),
      .load_data_i(load_data_i)
  );

  // Output ring.
  banked_memory #(
      .LOG2_WORDS(LOG2_WORDS),
      .ADDRESS_WIDTH(OUTPUT_WIDTH)
  ) u_outputs (
      .clk(clk),
      .read_base_i(transmit_base[OUTPUT_WIDTH-1:0]),
      .read_stride_i(4'd0),
      .data_o(output_row),
      .write_i(finish_output ? finish_write : {WORDS{1'b0}}),
      .write_base_i(finish_base[OUTPUT_WIDTH-1:0]),
      .write_stride_i(finish_stride),
      .data_i(finish_row)
  );
  stream_transmit #(.LOG2_STREAM(LOG2_STREAM)) u_transmit (
      .clk(clk),
      .rst_i(rst_i),
      .words_i(header[231:208]),
      .packed_i(output_packed),
      .row_words_i(header[255:232]),
      .row_stride_i(header[279:256]),
      .entry_stride_i(output_stride),
      .entries_i(output_entries),
      .complete_i(output_done),
      .release_o(transmitted),
      .base_o(transmit_base),
      .data_i(output_row[(16<<LOG2_STREAM)-1:0]),
      .m_axis_tdata(m_axis_tdata),
      .m_axis_tkeep(m_axis_tkeep),
      .m_axis_tvalid(m_axis_tvalid),
      .m_axis_tready(m_axis_tready),
      .m_axis_tlast(m_axis_tlast)
  );

  assign trace_spectra_o = spectra_write;
  assign trace_spectra_row_o = spectra_row;
  assign trace_products_o = product_write;
  assign trace_products_row_o = product_row;
  assign trace_transforms_o = inverse_valid;
  assign trace_transforms_row_o = inverse_row;
  assign trace_vector_o = vector_valid;
  assign trace_outputs_o = (finish_write != {WORDS{1'b0}});
  assign trace_outputs_inside_o = finish_write;
  assign trace_outputs_row_o = finish_row;
  assign busy_units_o = {
    m_axis_tvalid && m_axis_tready,
    inverse_reading,
    product_running,
    forward_walking || vector_busy,
    s_axis_tvalid && s_axis_tready
  };

  wire _unused_ok = &{
    1'b0, header, front, product, back, receive_base, finish_base, spectrum_base, read_base, transmit_base, output_row,
    load_address_i, product_level, back_level
  };
endmodule

`default_nettype wire
