// Transforms the tensor of a job: reads its blocks a row a cycle, sends them through the streaming transform and writes
// the rows of spectra one after the other from spectrum_base_i on. The next job may start while rows of the one before are
// still under way, unless its blocks are of another size. done_o marks the cycle after a job's last row was written.
`default_nettype none

module forward_unit #(
    parameter LOG2_PATHS = 2,
    parameter LOG2_K_MAX = 11,
    parameter SPECTRUM_WIDTH = 8,   // log2 of the rows of the spectrum memory
    parameter TWIDDLE_IMAGE = ""
) (
    input  wire                        clk,
    input  wire                        rst_i,
    output wire                        ready_o,          // a job may start, if its block size allows
    output wire                        walking_o,        // reads a row
    input  wire                        start_i,
    input  wire [                 3:0] log2_k_i,
    input  wire [      LOG2_K_MAX-1:0] schedule_i,
    input  wire [                23:0] pixels_i,
    input  wire [                23:0] blocks_i,
    input  wire [        LOG2_K_MAX:0] tail_i,
    input  wire [                23:0] base_i,
    input  wire [                23:0] pixel_stride_i,
    input  wire [                23:0] rows_i,           // of all blocks
    input  wire [  SPECTRUM_WIDTH-1:0] spectrum_base_i,
    output wire [                23:0] read_base_o,
    output wire [                 3:0] read_stride_o,
    input  wire [(32<<LOG2_PATHS)-1:0] data_i,           // two cycles after its address
    output wire                        read_last_o,      // the last row of a job is read
    output wire                        write_o,
    output wire [  SPECTRUM_WIDTH-1:0] write_address_o,
    output wire [(32<<LOG2_PATHS)-1:0] row_o,
    output reg                         done_o
);
  localparam WORDS = 2 << LOG2_PATHS;
  localparam [SPECTRUM_WIDTH-1:0] ONE = 1;

  // The job that is read.
  reg walking_q, tag_q;
  reg [3:0] log2_k_q;
  reg [23:0] pixels_q, blocks_q, pixel_stride_q;
  reg [LOG2_K_MAX:0] tail_q;
  // For each tag: schedule, first row to write, rows.
  reg [LOG2_K_MAX-1:0] schedule_0_q, schedule_1_q;
  reg [SPECTRUM_WIDTH-1:0] base_0_q, base_1_q;
  reg [23:0] rows_0_q, rows_1_q;
  reg [1:0] jobs_q;  // with rows under way

  wire walk_last, unused_pixel_last;
  wire [WORDS-1:0] inside_words;
  wire walk_ends = walking_q && walk_last;
  wire idle = (jobs_q == 2'd0);
  assign ready_o = (!walking_q || walk_last) && ((jobs_q == 2'd1 && log2_k_i == log2_k_q) || idle);
  assign walking_o = walking_q;
  assign read_last_o = walk_ends;

  block_walk #(
      .LOG2_PATHS(LOG2_PATHS),
      .LOG2_K_MAX(LOG2_K_MAX)
  ) u_walk (
      .clk(clk),
      .start_i(start_i),
      .next_i(walking_q),
      .log2_k_i(log2_k_q),
      .pixels_i(pixels_q),
      .blocks_i(blocks_q),
      .tail_i(tail_q),
      .base_i(base_i),
      .pixel_stride_i(pixel_stride_q),
      .base_o(read_base_o),
      .stride_o(read_stride_o),
      .inside_o(inside_words),
      .pixel_last_o(unused_pixel_last),
      .last_o(walk_last)
  );

  wire left;  // the last row of a job leaves
  always @(posedge clk) begin
    if (rst_i) begin
      walking_q <= 1'b0;
      tag_q <= 1'b1;
      jobs_q <= 2'd0;
      log2_k_q <= 4'd0;
    end else begin
      walking_q <= start_i || (walking_q && !walk_last);
      jobs_q <= jobs_q + {1'b0, start_i} - {1'b0, left};
      if (start_i) begin
        tag_q <= !tag_q;
        log2_k_q <= log2_k_i;
      end
    end
    if (start_i) begin
      pixels_q <= pixels_i;
      blocks_q <= blocks_i;
      pixel_stride_q <= pixel_stride_i;
      tail_q <= tail_i;
      if (tag_q) begin
        schedule_0_q <= schedule_i;
        base_0_q <= spectrum_base_i;
        rows_0_q <= rows_i;
      end else begin
        schedule_1_q <= schedule_i;
        base_1_q <= spectrum_base_i;
        rows_1_q <= rows_i;
      end
    end
  end

  // The words come two cycles after their addresses; those outside are zero.
  reg valid_1q, valid_2q, tag_1q, tag_2q;
  reg [WORDS-1:0] inside_1q, inside_2q;
  always @(posedge clk) begin
    valid_1q <= walking_q && !rst_i;
    valid_2q <= valid_1q && !rst_i;
    {tag_2q, tag_1q} <= {tag_1q, tag_q};
    inside_1q <= inside_words;
    inside_2q <= inside_1q;
  end
  wire [16*WORDS-1:0] words;
  genvar word;
  generate
    for (word = 0; word < WORDS; word = word + 1) begin : g_word
      assign words[16*word+:16] = inside_2q[word] ? data_i[16*word+:16] : 16'd0;
    end
  endgenerate

  wire row_tag;
  forward_transform #(
      .LOG2_PATHS(LOG2_PATHS),
      .LOG2_K_MAX(LOG2_K_MAX),
      .TWIDDLE_IMAGE(TWIDDLE_IMAGE)
  ) u_transform (
      .clk(clk),
      .rst_i(rst_i),
      .log2_k_i(log2_k_q),
      .schedule_0_i(schedule_0_q),
      .schedule_1_i(schedule_1_q),
      .valid_i(valid_2q),
      .tag_i(tag_2q),
      .row_i(words),
      .valid_o(write_o),
      .tag_o(row_tag),
      .row_o(row_o)
  );

  // Where they go.
  wire _unused_ok = &{1'b0, unused_pixel_last};
  reg [23:0] count_q;
  reg [SPECTRUM_WIDTH-1:0] offset_q;
  wire [23:0] rows = row_tag ? rows_1_q : rows_0_q;
  assign left = write_o && (count_q == rows - 24'd1);
  assign write_address_o = (row_tag ? base_1_q : base_0_q) + offset_q;
  always @(posedge clk) begin
    done_o <= left && !rst_i;
    if (rst_i || left) begin
      count_q  <= 24'd0;
      offset_q <= {SPECTRUM_WIDTH{1'b0}};
    end else if (write_o) begin
      count_q  <= count_q + 24'd1;
      offset_q <= offset_q + ONE;
    end
  end
endmodule

`default_nettype wire
