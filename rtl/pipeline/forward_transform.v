// Streaming forward transform of real blocks of 2^log2_k_i words: a row of 2 PATHS words a cycle, k / (2 PATHS) rows a
// block (one row for k < 2 PATHS), blocks one after the other or with pauses between them. Rows leave in the same order,
// PATHS complex words (locations) each; path 0 of a block's first row holds the two real bins. Latency: `forwardLatency`
// in src/rtl/pipeline/latency.ts.
//
// A location is kept as its bits. They start as {cycle in the block, path}; a stage joins the locations that differ in one
// of them, which a butterfly finds side by side: a bit of the path by wiring, a bit of the cycle after a commutator has
// exchanged it with path bit 0. Rows must not stop within a block. The block size may change only while no block is
// under way; the schedule is that of a block's tag.
`default_nettype none

module forward_transform #(
    parameter LOG2_PATHS = 2,      // 1 .. 3
    parameter LOG2_K_MAX = 11,     // LOG2_PATHS + 2 .. 11
    parameter TWIDDLE_IMAGE = ""
) (
    input  wire                         clk,
    input  wire                         rst_i,
    input  wire [                  3:0] log2_k_i,
    input  wire [       LOG2_K_MAX-1:0] schedule_0_i,  // of blocks with tag 0; bit t - 1: stage t is scaled
    input  wire [       LOG2_K_MAX-1:0] schedule_1_i,
    input  wire                         valid_i,
    input  wire                         tag_i,
    input  wire [(32<<LOG2_PATHS)-1:0]  row_i,         // word m: the block's word base + m k / (2 PATHS)
    output reg                          valid_o,
    output reg                          tag_o,
    output reg  [(32<<LOG2_PATHS)-1:0]  row_o
);
  localparam PATHS = 1 << LOG2_PATHS;
  localparam PAIRS = PATHS / 2;
  localparam ROW = 32 * PATHS;
  localparam BUTTERFLY = 5;  // latency of forward_butterfly

  // Path q takes word bitrev(q) and the one half a block behind.
  wire [ROW-1:0] ordered;
  path_order #(.LOG2_PATHS(LOG2_PATHS)) u_order (
      .log2_k_i(log2_k_i),
      .words_i(row_i),
      .paths_o(ordered)
  );

  // Stage 1, in a cycle.
  reg valid_q, tag_q;
  reg [ROW-1:0] row_q;
  wire scaled = tag_i ? schedule_1_i[0] : schedule_0_i[0];
  wire [ROW-1:0] first_row;
  genvar path, pair, stage;
  generate
    for (path = 0; path < PATHS; path = path + 1) begin : g_path
      wire signed [15:0] a, b, sum, difference;
      half_if u_half_a (.scaled_i(scaled), .a_i(ordered[32*path+:16]), .y_o(a));
      half_if u_half_b (.scaled_i(scaled), .a_i(ordered[32*path+16+:16]), .y_o(b));
      add_sat u_sum (.a_i(a), .b_i(b), .y_o(sum));
      sub_sat u_difference (.a_i(a), .b_i(b), .y_o(difference));
      assign first_row[32*path+:32] = (log2_k_i == 4'd0) ? {16'd0, ordered[32*path+:16]} : {difference, sum};
    end
  endgenerate
  always @(posedge clk) begin
    valid_q <= valid_i && !rst_i;
    tag_q   <= tag_i;
    row_q   <= first_row;
  end

  // What stands behind stage t, t = 1 .. LOG2_K_MAX.
  wire [LOG2_K_MAX:1] valids, tags;
  wire [ROW*LOG2_K_MAX-1:0] rows;
  assign valids[1] = valid_q;
  assign tags[1] = tag_q;
  assign rows[ROW-1:0] = row_q;

  generate
    for (stage = 2; stage <= LOG2_K_MAX; stage = stage + 1) begin : g_stage
      localparam WIRED = (stage <= LOG2_PATHS + 1);
      localparam DISTANCE = WIRED ? 1 << (stage - 2) : 1;            // of the paths of a pair
      localparam DELAY = WIRED ? 0 : 1 << (stage - 2 - LOG2_PATHS);  // of the commutator
      wire valid = valids[stage-1] && (log2_k_i >= stage);
      wire tag = tags[stage-1];
      wire [ROW-1:0] row = rows[ROW*(stage-2)+:ROW];
      wire [ROW-1:0] made;
      assign rows[ROW*(stage-1)+:ROW] = made;

      // Valid bits beside the words; `soon` is one cycle before the butterflies take a row.
      wire valid_soon, tag_soon, valid_now, tag_now;
      valid_line #(.DEPTH(WIRED ? 0 : DELAY - 1)) u_soon (
          .clk(clk), .rst_i(rst_i), .valid_i(valid), .tag_i(tag), .valid_o(valid_soon), .tag_o(tag_soon)
      );
      valid_line #(.DEPTH(WIRED ? 0 : 1)) u_now (
          .clk(clk), .rst_i(rst_i), .valid_i(valid_soon), .tag_i(tag_soon), .valid_o(valid_now), .tag_o(tag_now)
      );
      valid_line #(.DEPTH(BUTTERFLY)) u_made (
          .clk(clk), .rst_i(rst_i), .valid_i(valid_now), .tag_i(tag_now), .valid_o(valids[stage]), .tag_o(tags[stage])
      );
      wire scaled_now = tag_now ? schedule_1_i[stage-1] : schedule_0_i[stage-1];

      if (WIRED) begin : g_wired
        for (pair = 0; pair < PAIRS; pair = pair + 1) begin : g_pair
          localparam INDEX = pair % DISTANCE;
          localparam PATH = (pair / DISTANCE) * 2 * DISTANCE + INDEX;
          wire [15:0] cosine, sine;
          path_twiddles #(.STAGE(stage), .INDEX(INDEX)) u_twiddle (.cosine_o(cosine), .sine_o(sine));
          forward_butterfly #(.TRIVIAL(INDEX == 0)) u_butterfly (
              .clk(clk),
              .scaled_i(scaled_now),
              .first_i(1'b0),
              .cosine_i(cosine),
              .sine_i(sine),
              .x_i(row[32*PATH+:32]),
              .y_i(row[32*(PATH+DISTANCE)+:32]),
              .x_o(made[32*PATH+:32]),
              .y_o(made[32*(PATH+DISTANCE)+:32])
          );
        end
      end else begin : g_delayed
        localparam COUNT_WIDTH = stage - 1 - LOG2_PATHS;
        localparam [COUNT_WIDTH-1:0] ONE = 1;
        reg [COUNT_WIDTH-1:0] arrived_q, taken_q;
        reg first_q;
        always @(posedge clk) begin
          first_q <= (taken_q == {COUNT_WIDTH{1'b0}});
          if (rst_i) begin
            arrived_q <= {COUNT_WIDTH{1'b0}};
            taken_q   <= {COUNT_WIDTH{1'b0}};
          end else begin
            if (valid) arrived_q <= arrived_q + ONE;
            if (valid_soon) taken_q <= taken_q + ONE;
          end
        end
        wire [16*PATHS-1:0] twiddles;
        stage_twiddles #(
            .STAGE(stage),
            .LOG2_PATHS(LOG2_PATHS),
            .IMAGE(TWIDDLE_IMAGE)
        ) u_twiddles (
            .clk(clk),
            .address_i(taken_q),
            .data_o(twiddles)
        );
        for (pair = 0; pair < PAIRS; pair = pair + 1) begin : g_pair
          wire [31:0] x, y;
          commutator #(.DELAY(DELAY)) u_commutator (
              .clk(clk),
              .rst_i(rst_i),
              .second_i(valid && arrived_q[COUNT_WIDTH-1]),
              .a_i(row[64*pair+:32]),
              .b_i(row[64*pair+32+:32]),
              .a_o(x),
              .b_o(y)
          );
          forward_butterfly u_butterfly (
              .clk(clk),
              .scaled_i(scaled_now),
              .first_i(pair == 0 && first_q),
              .cosine_i(twiddles[32*pair+:16]),
              .sine_i(twiddles[32*pair+16+:16]),
              .x_i(x),
              .y_i(y),
              .x_o(made[64*pair+:32]),
              .y_o(made[64*pair+32+:32])
          );
        end
      end
    end
  endgenerate

  // The stage that a block leaves after; words of one row from each of the others are held away by its valid bit.
  wire [3:0] last_stage = (log2_k_i == 4'd0) ? 4'd1 : log2_k_i;
  wire [LOG2_K_MAX:0] all_valids = {valids, 1'b0};
  wire [LOG2_K_MAX:0] all_tags = {tags, 1'b0};
  wire [3:0] leaving = last_stage - 4'd1;
  always @(posedge clk) begin
    valid_o <= all_valids[last_stage] && !rst_i;
    tag_o   <= all_tags[last_stage];
    row_o   <= rows[ROW*leaving+:ROW];
  end
endmodule

`default_nettype wire
