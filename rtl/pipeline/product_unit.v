// The block-circulant product of a job in the frequency domain: for each window, BLOCKS output blocks at a time, row after
// row of PATHS locations, the sum over taps and input blocks of spectrum times weights, BLOCKS x PATHS complex products a
// cycle; each sum is requantised. Taps outside the picture add nothing. A vector is a picture of one pixel under one
// window of one tap. The sums of a row leave, an output block a cycle, while the next are formed; a row
// takes max(taps x input blocks, output blocks in use) cycles. Weights stand in the order of use and are read anew for each window.
// The products of a window go to one quarter of the product memory while those of the ones before wait in others or are
// read: free_i gives a quarter back, full_o hands one over.
`default_nettype none

module product_unit #(
    parameter LOG2_PATHS = 2,
    parameter BLOCKS = 16,
    parameter LOG2_K_MAX = 11,
    parameter SPECTRUM_WIDTH = 8,
    parameter PRODUCT_WIDTH = 8,   // log2 of the rows of the product memory, all quarters
    parameter WEIGHT_WIDTH = 8
) (
    input  wire                               clk,
    input  wire                               rst_i,
    output wire                               ready_o,          // a job may start
    output reg                                running_o,
    input  wire                               start_i,
    input  wire [                        3:0] log2_k_i,
    input  wire [                       23:0] output_blocks_i,
    input  wire [                       23:0] input_blocks_i,
    input  wire [                        4:0] shift_i,
    input  wire [                       15:0] height_i,
    input  wire [                       15:0] width_i,
    input  wire [                        7:0] kernel_rows_i,
    input  wire [                        7:0] kernel_columns_i,
    input  wire [                        7:0] stride_i,
    input  wire [                        7:0] pad_i,
    input  wire [                       15:0] window_rows_i,
    input  wire [                       15:0] window_columns_i,
    input  wire [                       23:0] origin_i,         // addresses and strides in rows
    input  wire [                       23:0] pixel_stride_i,
    input  wire [                       23:0] line_stride_i,
    input  wire [                       23:0] column_step_i,
    input  wire [                       23:0] row_step_i,
    input  wire [           WEIGHT_WIDTH-1:0] weight_base_i,
    input  wire [         SPECTRUM_WIDTH-1:0] spectrum_base_i,
    output wire [         SPECTRUM_WIDTH-1:0] read_address_o,
    input  wire [     (32<<LOG2_PATHS)-1:0]   spectrum_i,
    output wire [           WEIGHT_WIDTH-1:0] weight_address_o,
    input  wire [(32*BLOCKS<<LOG2_PATHS)-1:0] weights_i,        // path of block by path of block
    input  wire                               free_i,           // a quarter has been read
    output reg                                full_o,           // the last row of a window is written
    output reg                                done_o,           // the spectra of the job are not read any more
    output reg                                write_o,
    output reg  [          PRODUCT_WIDTH-1:0] write_address_o,
    output reg  [     (32<<LOG2_PATHS)-1:0]   row_o,
    output wire                               sums_valid_o,     // a cycle before row_o: what it was made of
    output wire [     (64<<LOG2_PATHS)-1:0]   sums_o
);
  localparam PATHS = 1 << LOG2_PATHS;
  localparam ROW_WIDTH = LOG2_K_MAX - LOG2_PATHS - 1;
  localparam QUARTER_WIDTH = PRODUCT_WIDTH - 2;
  localparam [31:0] ROW_BITS = LOG2_PATHS + 1;
  localparam [31:0] MOST_BLOCKS = BLOCKS;
  localparam [23:0] ALL_BLOCKS = MOST_BLOCKS[23:0];
  localparam [SPECTRUM_WIDTH-1:0] ONE = 1;
  localparam [WEIGHT_WIDTH-1:0] ONE_WEIGHT = 1;
  localparam [QUARTER_WIDTH-1:0] ONE_PRODUCT = 1;
  localparam [ROW_WIDTH:0] ONE_ROW = 1;

  // The job.
  reg [3:0] log2_k_q;
  reg [23:0] output_blocks_q, input_blocks_q;
  reg [4:0] shift_q;
  reg [WEIGHT_WIDTH-1:0] weight_base_q;
  reg [SPECTRUM_WIDTH-1:0] spectrum_base_q;
  always @(posedge clk) begin
    if (start_i) begin
      log2_k_q <= log2_k_i;
      output_blocks_q <= output_blocks_i;
      input_blocks_q <= input_blocks_i;
      shift_q <= shift_i;
      weight_base_q <= weight_base_i;
      spectrum_base_q <= spectrum_base_i;
    end
  end
  wire [3:0] row_bits = (log2_k_q > ROW_BITS[3:0]) ? log2_k_q - ROW_BITS[3:0] : 4'd0;
  wire [ROW_WIDTH:0] rows = ONE_ROW << row_bits;
  wire [SPECTRUM_WIDTH-1:0] block_stride = ONE << row_bits;
  wire [QUARTER_WIDTH-1:0] product_stride = ONE_PRODUCT << row_bits;
  wire [QUARTER_WIDTH-1:0] group_stride = ALL_BLOCKS[QUARTER_WIDTH-1:0] << row_bits;

  // The loops: windows, groups of output blocks, rows, taps, input blocks. The last product of a row waits until the sums
  // of the row before have left; a window begins when a quarter of the product memory is free.
  reg first_q, fresh_q;
  reg [1:0] quarter_q;
  reg [2:0] quarters_q;  // in use
  reg [6:0] leave_q;     // cycles until the sums of the row before have left
  reg [23:0] blocks_left_q, block_q;
  reg [ROW_WIDTH-1:0] row_q;
  reg [SPECTRUM_WIDTH-1:0] offset_q;
  reg [QUARTER_WIDTH-1:0] group_base_q;
  reg [WEIGHT_WIDTH-1:0] weight_address_q;
  wire tap_inside, tap_last, window_last;
  wire [23:0] pixel;
  wire [6:0] blocks_in_use = (blocks_left_q < ALL_BLOCKS) ? blocks_left_q[6:0] : ALL_BLOCKS[6:0];
  wire block_last = (block_q == input_blocks_q - 24'd1);
  wire product_last = block_last && tap_last;
  wire issue = running_o && !(fresh_q && quarters_q == 3'd4) && !(product_last && leave_q != 7'd0);
  wire takes_quarter = issue && fresh_q;
  wire row_ends = issue && product_last;
  wire group_ends = row_ends && ({1'b0, row_q} == rows - ONE_ROW);
  wire window_ends = group_ends && (blocks_left_q <= ALL_BLOCKS);
  wire job_ends = window_ends && window_last;
  wire [ROW_WIDTH-1:0] row_d = group_ends ? {ROW_WIDTH{1'b0}} : row_q + ONE_ROW[ROW_WIDTH-1:0];
  assign ready_o = !running_o || job_ends;

  job_window u_window (
      .clk(clk),
      .start_i(start_i),
      .next_tap_i(issue && block_last),
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
  assign read_address_o   = spectrum_base_q + pixel[SPECTRUM_WIDTH-1:0] + offset_q;
  assign weight_address_o = weight_address_q;

  always @(posedge clk) begin
    if (rst_i) running_o <= 1'b0;
    else if (start_i) running_o <= 1'b1;
    else if (job_ends) running_o <= 1'b0;
    done_o <= job_ends && !rst_i;

    if (rst_i) quarters_q <= 3'd0;
    else quarters_q <= quarters_q + {2'd0, takes_quarter} - {2'd0, free_i};
    if (rst_i) quarter_q <= 2'd0;
    else if (window_ends) quarter_q <= quarter_q + 2'd1;

    if (rst_i) leave_q <= 7'd0;
    else if (row_ends) leave_q <= blocks_in_use - 7'd1;
    else if (leave_q != 7'd0) leave_q <= leave_q - 7'd1;

    if (start_i) begin
      first_q <= 1'b1;
      fresh_q <= 1'b1;
      block_q <= 24'd0;
      row_q <= {ROW_WIDTH{1'b0}};
      offset_q <= {SPECTRUM_WIDTH{1'b0}};
      blocks_left_q <= output_blocks_i;
      group_base_q <= {QUARTER_WIDTH{1'b0}};
      weight_address_q <= weight_base_i;
    end else if (issue) begin
      first_q <= row_ends;
      fresh_q <= window_ends;
      block_q <= block_last ? 24'd0 : block_q + 24'd1;

      if (row_ends) begin
        row_q <= row_d;
        offset_q <= {{(SPECTRUM_WIDTH - ROW_WIDTH) {1'b0}}, row_d};
      end else begin
        offset_q <= block_last ? {{(SPECTRUM_WIDTH - ROW_WIDTH) {1'b0}}, row_q} : offset_q + block_stride;
      end

      if (window_ends) begin
        blocks_left_q <= output_blocks_q;
        group_base_q  <= {QUARTER_WIDTH{1'b0}};
      end else if (group_ends) begin
        blocks_left_q <= blocks_left_q - ALL_BLOCKS;
        group_base_q  <= group_base_q + group_stride;
      end

      weight_address_q <= window_ends ? weight_base_q : weight_address_q + ONE_WEIGHT;
    end
  end

  // Cycle 1: the words of the memories. Cycle 2: the operands. Cycle 3: products. Cycle 4: sums.
  reg valid_1q, first_1q, real_1q, inside_1q, first_2q;
  reg [3:0] last_q, ends_q;
  reg [6:0] count_1q, count_2q, count_3q, count_4q;
  reg [PRODUCT_WIDTH-1:0] target_1q, target_2q, target_3q, target_4q;
  always @(posedge clk) begin
    valid_1q  <= issue && !rst_i;
    first_1q  <= issue && first_q;
    first_2q  <= first_1q;
    inside_1q <= tap_inside;
    real_1q   <= (row_q == {ROW_WIDTH{1'b0}});
    last_q    <= rst_i ? 4'd0 : {last_q[2:0], row_ends};
    // With the last row of a window.
    ends_q    <= {ends_q[2:0], (blocks_left_q <= ALL_BLOCKS) && ({1'b0, row_q} == rows - ONE_ROW)};
    {count_4q, count_3q, count_2q, count_1q} <= {count_3q, count_2q, count_1q, blocks_in_use};
    target_1q <= {quarter_q, group_base_q + {{(QUARTER_WIDTH - ROW_WIDTH) {1'b0}}, row_q}};
    {target_4q, target_3q, target_2q} <= {target_3q, target_2q, target_1q};
  end

  wire [64*PATHS*BLOCKS-1:0] sums;
  genvar path, block;
  generate
    for (path = 0; path < PATHS; path = path + 1) begin : g_path
      wire is_real = (path == 0) && real_1q;
      wire used = valid_1q && inside_1q;
      wire signed [15:0] re = spectrum_i[32*path+:16];
      wire signed [15:0] im = spectrum_i[32*path+16+:16];
      reg signed [15:0] x_re_q, x_im_q, cross_q;
      reg signed [16:0] minus_im_q;
      always @(posedge clk) begin
        x_re_q <= used ? re : 16'sd0;
        x_im_q <= (used && !is_real) ? im : 16'sd0;
        minus_im_q <= (used && !is_real) ? -{im[15], im} : 17'sd0;
        cross_q <= !used ? 16'sd0 : is_real ? im : re;
      end
      for (block = 0; block < BLOCKS; block = block + 1) begin : g_block
        product_lane u_lane (
            .clk(clk),
            .first_i(first_2q),
            .x_re_i(x_re_q),
            .x_im_i(x_im_q),
            .minus_im_i(minus_im_q),
            .cross_i(cross_q),
            .weight_i(weights_i[32*(block*PATHS+path)+:32]),
            .sum_re_o(sums[64*(block*PATHS+path)+:32]),
            .sum_im_o(sums[64*(block*PATHS+path)+32+:32])
        );
      end
    end
  endgenerate

  // The sums leave, an output block a cycle.
  reg [64*PATHS*BLOCKS-1:0] leaving_q;
  reg [6:0] leaving_count_q;
  reg [PRODUCT_WIDTH-1:0] leaving_address_q;
  reg [QUARTER_WIDTH-1:0] leaving_stride_q;
  reg [4:0] leaving_shift_q;
  reg leaving_ends_q;
  wire leaving = (leaving_count_q != 7'd0);
  assign sums_valid_o = leaving;
  assign sums_o = leaving_q[64*PATHS-1:0];
  // The shift and the stride go with the sums, for the next job may have begun.
  reg [4:0] shift_1q, shift_2q, shift_3q, shift_4q;
  reg [QUARTER_WIDTH-1:0] stride_1q, stride_2q, stride_3q, stride_4q;
  wire [32*PATHS-1:0] words;
  always @(posedge clk) begin
    {shift_4q, shift_3q, shift_2q, shift_1q} <= {shift_3q, shift_2q, shift_1q, shift_q};
    {stride_4q, stride_3q, stride_2q, stride_1q} <= {stride_3q, stride_2q, stride_1q, product_stride};
    if (rst_i) leaving_count_q <= 7'd0;
    else if (last_q[3]) leaving_count_q <= count_4q;
    else if (leaving) leaving_count_q <= leaving_count_q - 7'd1;

    if (last_q[3]) begin
      leaving_q <= sums;
      leaving_address_q <= target_4q;
      leaving_stride_q <= stride_4q;
      leaving_shift_q <= shift_4q;
      leaving_ends_q <= ends_q[3];
    end else begin
      leaving_q <= leaving_q >> (64 * PATHS);
      leaving_address_q <= leaving_address_q + {2'b0, leaving_stride_q};
    end

    write_o <= leaving && !rst_i;
    write_address_o <= leaving_address_q;
    row_o <= words;
    full_o <= leaving && leaving_ends_q && (leaving_count_q == 7'd1) && !rst_i;
  end

  generate
    for (path = 0; path < PATHS; path = path + 1) begin : g_requant
      requant u_re (
          .acc_i(leaving_q[64*path+:32]),
          .shift_i(leaving_shift_q),
          .y_o(words[32*path+:16])
      );
      requant u_im (
          .acc_i(leaving_q[64*path+32+:32]),
          .shift_i(leaving_shift_q),
          .y_o(words[32*path+16+:16])
      );
    end
  endgenerate

  wire _unused_ok = &{1'b0, pixel};
endmodule

`default_nettype wire
