// What works on words, not on spectra: the maximum, the mean or a depthwise sum of the words under a window, and the sum of
// two tensors. A group of neighbouring channels and one tap of it a cycle; windows in row order, the groups of each, the
// taps of each. A sum of tensors is a window of two taps that lie one tensor apart. A mean is the sum times factor_i, 1 or
// the rounded reciprocal of the taps. Twin of src/layers/pool.ts, depthwise.ts and sum.ts up to the bias.
`default_nettype none

module vector_unit #(
    parameter LOG2_WORDS = 3,     // of a row of the memories
    parameter VECTOR = 4,         // words at once: a power of two, at most a row
    parameter WEIGHT_WIDTH = 8,
    parameter BIAS_WIDTH = 8
) (
    input  wire                        clk,
    input  wire                        rst_i,
    output wire                        busy_o,
    input  wire                        start_i,
    input  wire [                 1:0] mode_i,           // 0 maximum, 1 mean, 2 depthwise, 3 sum of two tensors
    input  wire [                23:0] groups_i,         // of a pixel
    input  wire [                 3:0] group_words_i,    // log2
    input  wire [                 4:0] shift_i,
    input  wire [                 4:0] shift_a_i,
    input  wire [                 4:0] shift_b_i,
    input  wire [                15:0] factor_i,
    input  wire [                15:0] height_i,
    input  wire [                15:0] width_i,
    input  wire [                 7:0] kernel_rows_i,
    input  wire [                 7:0] kernel_columns_i,
    input  wire [                 7:0] stride_i,
    input  wire [                 7:0] pad_i,
    input  wire [                15:0] window_rows_i,
    input  wire [                15:0] window_columns_i,
    input  wire [                23:0] origin_i,
    input  wire [                23:0] pixel_stride_i,
    input  wire [                23:0] line_stride_i,
    input  wire [                23:0] column_step_i,
    input  wire [                23:0] row_step_i,
    input  wire [    WEIGHT_WIDTH-1:0] weight_base_i,
    input  wire [      BIAS_WIDTH-1:0] bias_base_i,
    input  wire [                23:0] base_i,           // of the output tensor
    input  wire [                23:0] output_stride_i,  // from a pixel of it to the next
    output wire [                23:0] read_base_o,
    output wire                        read_last_o,      // the last row of the job is read
    input  wire [       16*VECTOR-1:0] data_i,           // two cycles after its address
    output wire [    WEIGHT_WIDTH-1:0] weight_address_o,
    input  wire [       16*VECTOR-1:0] weights_i,        // a cycle after its address
    output wire                        valid_o,
    output wire                        last_o,
    output wire [(16<<LOG2_WORDS)-1:0] row_o,
    output wire [  (1<<LOG2_WORDS)-1:0] inside_o,
    output wire [                23:0] base_o,
    output wire [      BIAS_WIDTH-1:0] bias_address_o,
    output wire [       32*VECTOR-1:0] sums_o            // beside row_o
);
  localparam WORDS = 1 << LOG2_WORDS;
  localparam [WEIGHT_WIDTH-1:0] ONE_WEIGHT = 1;
  localparam [BIAS_WIDTH-1:0] ONE_BIAS = 1;
  localparam [WORDS:0] ONE_WORD = 1;

  // The job; it is alone in the unit until its last word has left.
  reg [1:0] mode_q;
  reg [23:0] groups_q, output_stride_q;
  reg [3:0] group_words_q;
  reg [4:0] shift_q, shift_a_q, shift_b_q;
  reg [15:0] factor_q;
  reg [WEIGHT_WIDTH-1:0] weight_base_q;
  reg [BIAS_WIDTH-1:0] bias_base_q;
  always @(posedge clk) begin
    if (start_i) begin
      mode_q <= mode_i;
      groups_q <= groups_i;
      group_words_q <= group_words_i;
      shift_q <= shift_i;
      shift_a_q <= shift_a_i;
      shift_b_q <= shift_b_i;
      factor_q <= factor_i;
      output_stride_q <= output_stride_i;
      weight_base_q <= weight_base_i;
      bias_base_q <= bias_base_i;
    end
  end
  wire maximum = (mode_q == 2'd0);
  wire mean = (mode_q == 2'd1);
  wire depthwise = (mode_q == 2'd2);
  wire summing = (mode_q == 2'd3);
  wire [23:0] group_step = 24'd1 << group_words_q;
  // The words of a group; what stands beside them in a row is not read.
  wire [WORDS:0] mask = (ONE_WORD << group_step[LOG2_WORDS:0]) - ONE_WORD;

  reg running_q, first_q, odd_q;
  reg [23:0] group_q, channel_q;
  reg [WEIGHT_WIDTH-1:0] weight_address_q;
  wire tap_inside, tap_last, window_last;
  wire [23:0] pixel;
  wire group_last = (group_q == groups_q - 24'd1);
  wire window_ends = running_q && tap_last && group_last;
  wire job_ends = window_ends && window_last;
  assign read_last_o = job_ends;
  job_window u_window (
      .clk(clk),
      .start_i(start_i),
      .next_tap_i(running_q),
      .next_window_i(window_ends),
      .height_i(height_i),
      .width_i(width_i),
      .kernel_rows_i(kernel_rows_i),
      .kernel_columns_i(kernel_columns_i),
      .stride_i(stride_i),
      .pad_i(pad_i),
      .window_rows_i(window_rows_i),
      .window_columns_i(window_columns_i),
      .origin_i(origin_i),
      .pixel_stride_i(pixel_stride_i),
      .line_stride_i(line_stride_i),
      .column_step_i(column_step_i),
      .row_step_i(row_step_i),
      .address_o(pixel),
      .inside_o(tap_inside),
      .tap_last_o(tap_last),
      .window_last_o(window_last)
  );
  assign read_base_o = pixel + channel_q;
  assign weight_address_o = weight_address_q;

  always @(posedge clk) begin
    if (rst_i) running_q <= 1'b0;
    else running_q <= start_i || (running_q && !job_ends);
    odd_q <= !start_i && running_q && !tap_last && !odd_q;
    if (start_i || window_ends) begin
      first_q <= 1'b1;
      group_q <= 24'd0;
      channel_q <= 24'd0;
      weight_address_q <= start_i ? weight_base_i : weight_base_q;
    end else if (running_q) begin
      first_q <= tap_last;
      weight_address_q <= weight_address_q + ONE_WEIGHT;
      if (tap_last) begin
        group_q   <= group_q + 24'd1;
        channel_q <= channel_q + group_step;
      end
    end
  end

  // Cycles 1 and 2 the memories, 3 the term, 4 the sum or the maximum, 5 the mean, 6 the words.
  reg [5:0] valid_q, last_q;
  reg inside_1q, inside_2q, first_1q, first_2q, first_3q, odd_1q, odd_2q;
  always @(posedge clk) begin
    valid_q <= rst_i ? 6'd0 : {valid_q[4:0], running_q};
    last_q <= {last_q[4:0], tap_last};
    {inside_2q, inside_1q} <= {inside_1q, tap_inside};
    {first_3q, first_2q, first_1q} <= {first_2q, first_1q, first_q};
    {odd_2q, odd_1q} <= {odd_1q, odd_q};
  end
  wire [4:0] align_shift = odd_2q ? shift_b_q : shift_a_q;

  genvar word;
  generate
    for (word = 0; word < VECTOR; word = word + 1) begin : g_word
      reg signed [15:0] weight_q;
      reg signed [31:0] term_q, sum_q, sum_2q, total_q, sum_3q;
      wire signed [15:0] x = (inside_2q && mask[word]) ? data_i[16*word+:16] : maximum ? 16'sh8000 : 16'sd0;
      wire signed [15:0] aligned;
      align u_align (.a_i(x), .shift_i(align_shift), .y_o(aligned));
      wire signed [15:0] plain = summing ? aligned : x;
      wire signed [31:0] widened = {{16{plain[15]}}, plain};
      wire signed [31:0] product = x * weight_q;
      wire signed [16:0] factor = {1'b0, factor_q};
      wire signed [31:0] mean_product = sum_q * factor;
      wire signed [15:0] made;
      reg signed [15:0] made_q;
      always @(posedge clk) begin
        weight_q <= weights_i[16*word+:16];
        term_q   <= depthwise ? product : widened;
        if (valid_q[2]) begin
          if (first_3q) sum_q <= term_q;
          else if (maximum) sum_q <= (term_q > sum_q) ? term_q : sum_q;
          else sum_q <= sum_q + term_q;
        end
        total_q <= mean ? mean_product : sum_q;
        sum_2q  <= sum_q;
        sum_3q  <= sum_2q;
        made_q  <= made;
      end
      requant u_requant (.acc_i(total_q), .shift_i(shift_q), .y_o(made));
      assign row_o[16*word+:16] = made_q;
      assign sums_o[32*word+:32] = sum_3q;
    end
    if (VECTOR < WORDS) begin : g_rest
      assign row_o[16*WORDS-1:16*VECTOR] = {(16 * (WORDS - VECTOR)) {1'b0}};
    end
  endgenerate

  // Results leave in the order of their tensor.
  reg [23:0] left_group_q, left_pixel_q;
  reg [BIAS_WIDTH-1:0] bias_q;
  reg [23:0] left_base_q;
  wire left_group_last = (left_group_q == groups_q - 24'd1);
  assign valid_o = valid_q[5] && last_q[5];
  assign last_o = valid_o && !running_q && valid_q[4:0] == 5'd0;
  assign base_o = left_base_q;
  assign bias_address_o = bias_q;
  assign inside_o = mask[WORDS-1:0];
  always @(posedge clk) begin
    if (start_i) begin
      left_group_q <= 24'd0;
      left_pixel_q <= base_i;
      left_base_q <= base_i;
      bias_q <= bias_base_i;
    end else if (valid_o) begin
      left_group_q <= left_group_last ? 24'd0 : left_group_q + 24'd1;
      bias_q <= left_group_last ? bias_base_q : bias_q + ONE_BIAS;
      left_base_q <= left_group_last ? left_pixel_q + output_stride_q : left_base_q + group_step;
      if (left_group_last) left_pixel_q <= left_pixel_q + output_stride_q;
    end
  end
  assign busy_o = running_q || (valid_q != 6'd0);

  wire _unused_ok = &{1'b0, group_step, mask[WORDS]};
endmodule

`default_nettype wire
