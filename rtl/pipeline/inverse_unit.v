// Transforms the products of a job back: reads the rows of a window when it is complete (full_i), gives its quarter of
// the product memory back (free_o), and sends the rows of words on with their places in the output tensor. The next job may
// start while rows of the one before are still under way, unless its blocks are of another size.
`default_nettype none

module inverse_unit #(
    parameter LOG2_PATHS = 2,
    parameter LOG2_K_MAX = 11,
    parameter PRODUCT_WIDTH = 8,
    parameter BIAS_WIDTH = 8,
    parameter SETTINGS = 64,        // bits that go with a job to whoever takes its words
    parameter TWIDDLE_IMAGE = ""
) (
    input  wire                        clk,
    input  wire                        rst_i,
    output wire                        ready_o,         // a job may start, if its block size allows
    output wire                        reading_o,       // reads a row
    input  wire                        start_i,
    input  wire [                 3:0] log2_k_i,
    input  wire [      LOG2_K_MAX-1:0] schedule_i,
    input  wire [                23:0] windows_i,
    input  wire [                23:0] blocks_i,
    input  wire [   PRODUCT_WIDTH-3:0] rows_i,          // of a window, less one
    input  wire [        LOG2_K_MAX:0] tail_i,
    input  wire [                23:0] base_i,          // of the output tensor
    input  wire [                23:0] pixel_stride_i,
    input  wire [      BIAS_WIDTH-1:0] bias_base_i,
    input  wire [        SETTINGS-1:0] settings_i,
    input  wire                        full_i,
    output wire                        free_o,
    output wire [   PRODUCT_WIDTH-1:0] read_address_o,
    input  wire [(32<<LOG2_PATHS)-1:0] data_i,          // a cycle after its address
    output wire                        valid_o,
    output wire [(32<<LOG2_PATHS)-1:0] row_o,
    output wire [                23:0] base_o,
    output wire [                 3:0] stride_o,
    output wire [(2<<LOG2_PATHS)-1:0]  inside_o,
    output wire [      BIAS_WIDTH-1:0] bias_address_o,
    output wire [        SETTINGS-1:0] settings_o,
    output wire                        last_o           // of the job
);
  localparam QUARTER_WIDTH = PRODUCT_WIDTH - 2;
  localparam [QUARTER_WIDTH-1:0] ONE = 1;
  localparam [BIAS_WIDTH-1:0] ONE_BIAS = 1;

  // The job that is read.
  reg active_q, tag_q;
  reg [1:0] quarter_q;
  reg [3:0] log2_k_q;
  reg [23:0] windows_left_q;
  reg [QUARTER_WIDTH-1:0] rows_q, offset_q;
  reg [2:0] complete_q;
  reg [1:0] jobs_q;
  wire window_starts = (offset_q == {QUARTER_WIDTH{1'b0}});
  wire issue = active_q && (!window_starts || complete_q != 3'd0);
  wire window_ends = issue && (offset_q == rows_q);
  wire job_ends = window_ends && (windows_left_q == 24'd1);
  assign free_o = window_ends;
  assign reading_o = issue;
  assign read_address_o = {quarter_q, offset_q};

  wire left = valid_o && last_o;
  wire idle = (jobs_q == 2'd0);
  assign ready_o = (!active_q || job_ends) && ((jobs_q == 2'd1 && log2_k_i == log2_k_q) || idle);

  // For each tag what its words need.
  reg [LOG2_K_MAX-1:0] schedule_0_q, schedule_1_q;
  localparam PLACES = 4 * 24 + LOG2_K_MAX + 1 + BIAS_WIDTH + SETTINGS;
  reg [PLACES-1:0] places_0_q, places_1_q;
  wire [PLACES-1:0] places = {
    settings_i, bias_base_i, tail_i, pixel_stride_i, base_i, blocks_i, windows_i
  };

  always @(posedge clk) begin
    if (rst_i) begin
      active_q <= 1'b0;
      tag_q <= 1'b1;
      quarter_q <= 2'd0;
      log2_k_q <= 4'd0;
      complete_q <= 3'd0;
      jobs_q <= 2'd0;
      offset_q <= {QUARTER_WIDTH{1'b0}};
    end else begin
      active_q <= start_i || (active_q && !job_ends);
      jobs_q <= jobs_q + {1'b0, start_i} - {1'b0, left};
      complete_q <= complete_q + {2'd0, full_i} - {2'd0, issue && window_starts};
      if (window_ends) quarter_q <= quarter_q + 2'd1;
      if (start_i) begin
        tag_q <= !tag_q;
        log2_k_q <= log2_k_i;
        offset_q <= {QUARTER_WIDTH{1'b0}};
      end else if (issue) offset_q <= window_ends ? {QUARTER_WIDTH{1'b0}} : offset_q + ONE;
    end
    if (start_i) begin
      rows_q <= rows_i;
      windows_left_q <= windows_i;
      if (tag_q) begin
        schedule_0_q <= schedule_i;
        places_0_q   <= places;
      end else begin
        schedule_1_q <= schedule_i;
        places_1_q   <= places;
      end
    end else if (window_ends) windows_left_q <= windows_left_q - 24'd1;
  end

  reg valid_1q, tag_1q;
  always @(posedge clk) begin
    valid_1q <= issue && !rst_i;
    tag_1q   <= tag_q;
  end
  wire row_tag;
  inverse_transform #(
      .LOG2_PATHS(LOG2_PATHS),
      .LOG2_K_MAX(LOG2_K_MAX),
      .TWIDDLE_IMAGE(TWIDDLE_IMAGE)
  ) u_transform (
      .clk(clk),
      .rst_i(rst_i),
      .log2_k_i(log2_k_q),
      .schedule_0_i(schedule_0_q),
      .schedule_1_i(schedule_1_q),
      .valid_i(valid_1q),
      .tag_i(tag_1q),
      .row_i(data_i),
      .valid_o(valid_o),
      .tag_o(row_tag),
      .row_o(row_o)
  );

  // Where the words go: the walk of a job begins when the last row of the one before has left.
  reg walk_tag_q;
  wire walk_starts = (start_i && (idle || left)) || (left && jobs_q == 2'd2);
  wire [PLACES-1:0] next_places = start_i ? places : walk_tag_q ? places_0_q : places_1_q;
  wire [23:0] walk_base = next_places[48+:24];
  wire [23:0] walk_windows, walk_blocks, unused_base, walk_stride;
  wire [LOG2_K_MAX:0] walk_tail;
  wire [BIAS_WIDTH-1:0] walk_bias;
  wire pixel_last;
  assign {settings_o, walk_bias, walk_tail, walk_stride, unused_base, walk_blocks, walk_windows} =
      walk_tag_q ? places_1_q : places_0_q;
  block_walk #(
      .LOG2_PATHS(LOG2_PATHS),
      .LOG2_K_MAX(LOG2_K_MAX)
  ) u_walk (
      .clk(clk),
      .start_i(walk_starts),
      .next_i(valid_o),
      .log2_k_i(log2_k_q),
      .pixels_i(walk_windows),
      .blocks_i(walk_blocks),
      .tail_i(walk_tail),
      .base_i(walk_base),
      .pixel_stride_i(walk_stride),
      .base_o(base_o),
      .stride_o(stride_o),
      .inside_o(inside_o),
      .pixel_last_o(pixel_last),
      .last_o(last_o)
  );
  reg [BIAS_WIDTH-1:0] bias_offset_q;
  assign bias_address_o = walk_bias + bias_offset_q;
  always @(posedge clk) begin
    if (rst_i) walk_tag_q <= 1'b1;
    else if (walk_starts) walk_tag_q <= !walk_tag_q;
    if (rst_i || walk_starts || (valid_o && pixel_last)) bias_offset_q <= {BIAS_WIDTH{1'b0}};
    else if (valid_o) bias_offset_q <= bias_offset_q + ONE_BIAS;
  end

  wire _unused_ok = &{1'b0, row_tag, unused_base, next_places};
endmodule

`default_nettype wire
