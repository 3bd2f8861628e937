// Drives the streaming engine and dumps what comes out: it sends the beats of the memory `inputs` (highest bit: tlast),
// gathers count_i vectors in `outputs`, the cycle of each vector's last beat in `times`, and with TRACE_WIDTH the rows
// that the units make. With stall_seed_i = 0 neither stream pauses; otherwise both do, at random. Cycle 1 is that of the
// first beat taken. It compares nothing; that is done outside, on the dumped words.
`default_nettype none

module pipeline_bench #(
    parameter LOG2_PATHS = 2,
    parameter BLOCKS = 16,
    parameter LOG2_K_MAX = 11,
    parameter LOG2_STREAM = 3,
    parameter VECTOR = 4,
    parameter TABLES = 0,
    parameter INPUT_WIDTH = 12,
    parameter ACTIVATION_WIDTH = 12,
    parameter OUTPUT_WIDTH = 12,
    parameter SPECTRUM_WIDTH = 10,
    parameter PRODUCT_WIDTH = 11,
    parameter WEIGHT_WIDTH = 9,
    parameter WEIGHT_BITS = 16,
    parameter BIAS_WIDTH = 9,
    parameter LAYER_WIDTH = 4,
    parameter STREAM_WIDTH = 12,  // log2 of the beats of all vectors of a run
    parameter TRACE_WIDTH = 1     // log2 of the rows of each trace
) (
    input  wire        clk,
    input  wire        rst_i,
    input  wire [15:0] count_i,
    input  wire [23:0] stream_beats_i,
    input  wire [31:0] stall_seed_i,
    output wire        done_o,
    output wire [31:0] cycles_o,
    output reg         tlast_wrong_o,
    output wire        tlast_missing_o,
    output wire        tlast_unexpected_o,
    input  wire [23:0] output_beats_i,     // of a vector
    output reg  [31:0] receive_cycles_o,   // of the run, in which the units were busy
    output reg  [31:0] read_cycles_o,
    output reg  [31:0] product_cycles_o,
    output reg  [31:0] inverse_cycles_o,
    output reg  [31:0] transmit_cycles_o
);
  localparam BEAT = 16 << LOG2_STREAM;
  localparam ROW = 32 << LOG2_PATHS;
  localparam WORDS = 2 << LOG2_PATHS;
  localparam LANES = (VECTOR == 0) ? 1 : VECTOR;
  localparam [STREAM_WIDTH-1:0] ONE = 1;

  wire [BEAT:0] input_beat_words;
  reg [STREAM_WIDTH-1:0] input_address_q, output_address_q;
  wire input_beat, output_beat;
  wire [STREAM_WIDTH-1:0] input_address_d = input_beat ? input_address_q + ONE : input_address_q;
  memory #(.WIDTH(BEAT + 1), .ADDRESS_WIDTH(STREAM_WIDTH)) u_inputs (
      .clk(clk),
      .write_i(1'b0),
      .write_address_i({STREAM_WIDTH{1'b0}}),
      .data_i({(BEAT + 1) {1'b0}}),
      .read_address_i(input_address_d),
      .data_o(input_beat_words)
  );
  wire [BEAT-1:0] output_words, unused_words;
  memory #(.WIDTH(BEAT), .ADDRESS_WIDTH(STREAM_WIDTH)) u_outputs (
      .clk(clk),
      .write_i(output_beat),
      .write_address_i(output_address_q),
      .data_i(output_words),
      .read_address_i({STREAM_WIDTH{1'b0}}),
      .data_o(unused_words)
  );

  // Pauses: a stream may move when its bits of a 32-bit Galois register are not zero.
  reg [31:0] random_q;
  wire stalling = (stall_seed_i != 32'd0);
  wire send_allowed = !stalling || (random_q[1:0] != 2'd0);
  wire take_allowed = !stalling || (random_q[5:4] == 2'd0);

  reg started_q, offering_q, running_q;
  reg [15:0] taken_vectors_q;
  reg [23:0] sent_q, taken_q;
  reg [31:0] cycles_q;
  wire ready, valid, output_last;
  wire [(2<<LOG2_STREAM)-1:0] keep;
  wire [23:0] sent_d = input_beat ? sent_q + 24'd1 : sent_q;
  wire last_expected = (taken_q == output_beats_i - 24'd1);
  assign input_beat = offering_q && ready;
  assign output_beat = valid && take_allowed;
  assign done_o = (taken_vectors_q == count_i);
  assign cycles_o = cycles_q;
  wire [31:0] cycle = (running_q || input_beat) ? cycles_q + 32'd1 : 32'd0;

  wire [31:0] unused_time;
  memory #(.WIDTH(32), .ADDRESS_WIDTH(16)) u_times (
      .clk(clk),
      .write_i(output_beat && output_last),
      .write_address_i(taken_vectors_q),
      .data_i(cycle),
      .read_address_i(16'd0),
      .data_o(unused_time)
  );

  wire [4:0] busy;
  always @(posedge clk) begin
    if (rst_i) begin
      random_q <= (stall_seed_i == 32'd0) ? 32'd1 : stall_seed_i;
      input_address_q <= {STREAM_WIDTH{1'b0}};
      output_address_q <= {STREAM_WIDTH{1'b0}};
      started_q <= 1'b0;
      offering_q <= 1'b0;
      running_q <= 1'b0;
      taken_vectors_q <= 16'd0;
      sent_q <= 24'd0;
      taken_q <= 24'd0;
      cycles_q <= 32'd0;
      tlast_wrong_o <= 1'b0;
      receive_cycles_o <= 32'd0;
      read_cycles_o <= 32'd0;
      product_cycles_o <= 32'd0;
      inverse_cycles_o <= 32'd0;
      transmit_cycles_o <= 32'd0;
    end else begin
      random_q <= {1'b0, random_q[31:1]} ^ (random_q[0] ? 32'h80200003 : 32'd0);
      started_q <= 1'b1;
      input_address_q <= input_address_d;
      sent_q <= sent_d;
      // Once offered, a beat stays until it is taken.
      offering_q <= started_q && (sent_d < stream_beats_i) && ((offering_q && !input_beat) || send_allowed);
      running_q <= running_q || input_beat;
      if (!done_o) cycles_q <= cycle;
      if (output_beat) begin
        output_address_q <= output_address_q + ONE;
        taken_q <= output_last ? 24'd0 : taken_q + 24'd1;
        if (output_last) taken_vectors_q <= taken_vectors_q + 16'd1;
        if (output_last != last_expected) tlast_wrong_o <= 1'b1;
      end
      receive_cycles_o <= receive_cycles_o + {31'd0, busy[0]};
      read_cycles_o <= read_cycles_o + {31'd0, busy[1]};
      product_cycles_o <= product_cycles_o + {31'd0, busy[2]};
      inverse_cycles_o <= inverse_cycles_o + {31'd0, busy[3]};
      transmit_cycles_o <= transmit_cycles_o + {31'd0, busy[4]};
    end
  end

  wire spectra_valid, sums_valid, products_valid, transforms_valid, vector_valid, outputs_valid, idle;
  wire [ROW-1:0] spectra_row, products_row, transforms_row, outputs_row;
  wire [2*ROW-1:0] sums_row;
  wire [32*LANES-1:0] vector_sums;
  wire [16*LANES-1:0] vector_words;
  wire [WORDS-1:0] outputs_inside;
  circulant_pipeline #(
      .LOG2_PATHS(LOG2_PATHS),
      .BLOCKS(BLOCKS),
      .LOG2_K_MAX(LOG2_K_MAX),
      .LOG2_STREAM(LOG2_STREAM),
      .VECTOR(VECTOR),
      .TABLES(TABLES),
      .INPUT_WIDTH(INPUT_WIDTH),
      .ACTIVATION_WIDTH(ACTIVATION_WIDTH),
      .OUTPUT_WIDTH(OUTPUT_WIDTH),
      .SPECTRUM_WIDTH(SPECTRUM_WIDTH),
      .PRODUCT_WIDTH(PRODUCT_WIDTH),
      .WEIGHT_WIDTH(WEIGHT_WIDTH),
      .WEIGHT_BITS(WEIGHT_BITS),
      .BIAS_WIDTH(BIAS_WIDTH),
      .LAYER_WIDTH(LAYER_WIDTH)
  ) u_pipeline (
      .clk(clk),
      .rst_i(rst_i),
      .s_axis_tdata(input_beat_words[BEAT-1:0]),
      .s_axis_tvalid(offering_q),
      .s_axis_tready(ready),
      .s_axis_tlast(input_beat_words[BEAT]),
      .m_axis_tdata(output_words),
      .m_axis_tkeep(keep),
      .m_axis_tvalid(valid),
      .m_axis_tready(take_allowed),
      .m_axis_tlast(output_last),
      .load_i(1'b0),
      .load_region_i(3'd0),
      .load_address_i(24'd0),
      .load_limb_i(8'd0),
      .load_data_i(32'd0),
      .idle_o(idle),
      .tlast_missing_o(tlast_missing_o),
      .tlast_unexpected_o(tlast_unexpected_o),
      .trace_spectra_o(spectra_valid),
      .trace_spectra_row_o(spectra_row),
      .trace_sums_o(sums_valid),
      .trace_sums_row_o(sums_row),
      .trace_products_o(products_valid),
      .trace_products_row_o(products_row),
      .trace_transforms_o(transforms_valid),
      .trace_transforms_row_o(transforms_row),
      .trace_vector_o(vector_valid),
      .trace_vector_sums_o(vector_sums),
      .trace_vector_words_o(vector_words),
      .trace_outputs_o(outputs_valid),
      .trace_outputs_inside_o(outputs_inside),
      .trace_outputs_row_o(outputs_row),
      .busy_units_o(busy)
  );

  generate
    if (TRACE_WIDTH > 1) begin : g_trace
      row_recorder #(.WIDTH(ROW), .ADDRESS_WIDTH(TRACE_WIDTH)) u_spectra (
          .clk(clk), .rst_i(rst_i), .valid_i(spectra_valid), .row_i(spectra_row)
      );
      row_recorder #(.WIDTH(2 * ROW), .ADDRESS_WIDTH(TRACE_WIDTH)) u_sums (
          .clk(clk), .rst_i(rst_i), .valid_i(sums_valid), .row_i(sums_row)
      );
      row_recorder #(.WIDTH(ROW), .ADDRESS_WIDTH(TRACE_WIDTH)) u_products (
          .clk(clk), .rst_i(rst_i), .valid_i(products_valid), .row_i(products_row)
      );
      row_recorder #(.WIDTH(ROW), .ADDRESS_WIDTH(TRACE_WIDTH)) u_transforms (
          .clk(clk), .rst_i(rst_i), .valid_i(transforms_valid), .row_i(transforms_row)
      );
      row_recorder #(.WIDTH(48 * LANES), .ADDRESS_WIDTH(TRACE_WIDTH)) u_vector (
          .clk(clk), .rst_i(rst_i), .valid_i(vector_valid), .row_i({vector_words, vector_sums})
      );
      row_recorder #(.WIDTH(ROW + 32), .ADDRESS_WIDTH(TRACE_WIDTH)) u_made (
          .clk(clk), .rst_i(rst_i), .valid_i(outputs_valid),
          .row_i({{(32 - WORDS) {1'b0}}, outputs_inside, outputs_row})
      );
    end
  endgenerate

  wire _unused_ok = &{
    1'b0, idle, keep, unused_words, unused_time, spectra_valid, sums_valid, products_valid, transforms_valid,
    vector_valid, outputs_valid, spectra_row, sums_row, products_row, transforms_row, vector_sums, vector_words,
    outputs_inside, outputs_row
  };
endmodule

`default_nettype wire
