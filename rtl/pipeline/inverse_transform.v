// Streaming inverse transform: the stages of forward_transform.v backward. A row of PATHS complex words a cycle, in the
// order in which the forward transform makes them; rows of 2 PATHS words leave, word m of a row being the block's word
// base + m k / (2 PATHS), base the reversed number of the row. Latency: `inverseLatency` in src/rtl/pipeline/latency.ts.
// The same rules for pauses, block sizes and tags.
`default_nettype none

module inverse_transform #(
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
    input  wire [(32<<LOG2_PATHS)-1:0]  row_i,
    output reg                          valid_o,
    output reg                          tag_o,
    output reg  [(32<<LOG2_PATHS)-1:0]  row_o
);
  localparam PATHS = 1 << LOG2_PATHS;
  localparam PAIRS = PATHS / 2;
  localparam ROW = 32 * PATHS;
  localparam BUTTERFLY = 4;  // latency of inverse_butterfly

  // What stands behind stage t, t = LOG2_K_MAX + 1 .. 2: nothing above the first.
  wire [LOG2_K_MAX+1:2] valids, tags;
  wire [ROW*LOG2_K_MAX-1:0] rows;
  assign valids[LOG2_K_MAX+1] = 1'b0;
  assign tags[LOG2_K_MAX+1] = 1'b0;
  assign rows[ROW*(LOG2_K_MAX-1)+:ROW] = {ROW{1'b0}};

  genvar path, pair, stage;
  generate
    for (stage = 2; stage <= LOG2_K_MAX; stage = stage + 1) begin : g_stage
      localparam WIRED = (stage <= LOG2_PATHS + 1);
      localparam DISTANCE = WIRED ? 1 << (stage - 2) : 1;
      localparam DELAY = WIRED ? 0 : 1 << (stage - 2 - LOG2_PATHS);
      // A block begins at the stage of its size.
      wire enters = (log2_k_i == stage);
      wire valid_d = enters ? valid_i : (log2_k_i > stage) && valids[stage+1];
      reg valid_q, tag_q;
      reg [ROW-1:0] row_q;
      always @(posedge clk) begin
        valid_q <= valid_d && !rst_i;
        tag_q   <= enters ? tag_i : tags[stage+1];
        row_q   <= enters ? row_i : rows[ROW*(stage-1)+:ROW];
      end
      wire scaled = tag_q ? schedule_1_i[stage-1] : schedule_0_i[stage-1];
      wire [ROW-1:0] made;

      wire valid_made, tag_made;
      valid_line #(.DEPTH(BUTTERFLY)) u_made (
          .clk(clk), .rst_i(rst_i), .valid_i(valid_q), .tag_i(tag_q), .valid_o(valid_made), .tag_o(tag_made)
      );
      valid_line #(.DEPTH(DELAY)) u_next (
          .clk(clk), .rst_i(rst_i), .valid_i(valid_made), .tag_i(tag_made), .valid_o(valids[stage]), .tag_o(tags[stage])
      );

      if (WIRED) begin : g_wired
        for (pair = 0; pair < PAIRS; pair = pair + 1) begin : g_pair
          localparam INDEX = pair % DISTANCE;
          localparam PATH = (pair / DISTANCE) * 2 * DISTANCE + INDEX;
          wire [15:0] cosine, sine;
          path_twiddles #(.STAGE(stage), .INDEX(INDEX)) u_twiddle (.cosine_o(cosine), .sine_o(sine));
          inverse_butterfly #(.TRIVIAL(INDEX == 0)) u_butterfly (
              .clk(clk),
              .scaled_i(scaled),
              .first_i(1'b0),
              .cosine_i(cosine),
              .sine_i(sine),
              .x_i(row_q[32*PATH+:32]),
              .y_i(row_q[32*(PATH+DISTANCE)+:32]),
              .x_o(made[32*PATH+:32]),
              .y_o(made[32*(PATH+DISTANCE)+:32])
          );
        end
        assign rows[ROW*(stage-2)+:ROW] = made;
      end else begin : g_delayed
        localparam COUNT_WIDTH = stage - 1 - LOG2_PATHS;
        localparam [COUNT_WIDTH-1:0] ONE = 1;
        reg [COUNT_WIDTH-1:0] taken_q, made_q;
        reg first_q;
        always @(posedge clk) begin
          first_q <= (taken_q == {COUNT_WIDTH{1'b0}});
          if (rst_i) begin
            taken_q <= {COUNT_WIDTH{1'b0}};
            made_q  <= {COUNT_WIDTH{1'b0}};
          end else begin
            if (valid_d) taken_q <= taken_q + ONE;
            if (valid_made) made_q <= made_q + ONE;
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
          inverse_butterfly u_butterfly (
              .clk(clk),
              .scaled_i(scaled),
              .first_i(pair == 0 && first_q),
              .cosine_i(twiddles[32*pair+:16]),
              .sine_i(twiddles[32*pair+16+:16]),
              .x_i(row_q[64*pair+:32]),
              .y_i(row_q[64*pair+32+:32]),
              .x_o(made[64*pair+:32]),
              .y_o(made[64*pair+32+:32])
          );
          commutator #(.DELAY(DELAY)) u_commutator (
              .clk(clk),
              .rst_i(rst_i),
              .second_i(valid_made && made_q[COUNT_WIDTH-1]),
              .a_i(made[64*pair+:32]),
              .b_i(made[64*pair+32+:32]),
              .a_o(rows[ROW*(stage-2)+64*pair+:32]),
              .b_o(rows[ROW*(stage-2)+64*pair+32+:32])
          );
        end
      end
    end
  endgenerate

  // Stage 1, in a cycle; blocks of one or two words begin here.
  wire enters = (log2_k_i <= 4'd1);
  wire [ROW-1:0] row = enters ? row_i : rows[ROW-1:0];
  wire tag = enters ? tag_i : tags[2];
  wire scaled = tag ? schedule_1_i[0] : schedule_0_i[0];
  wire [ROW-1:0] last_row, natural;
  generate
    for (path = 0; path < PATHS; path = path + 1) begin : g_path
      wire signed [15:0] a, b, sum, difference;
      half_if u_half_a (.scaled_i(scaled), .a_i(row[32*path+:16]), .y_o(a));
      half_if u_half_b (.scaled_i(scaled), .a_i(row[32*path+16+:16]), .y_o(b));
      add_sat u_sum (.a_i(a), .b_i(b), .y_o(sum));
      sub_sat u_difference (.a_i(a), .b_i(b), .y_o(difference));
      assign last_row[32*path+:32] = (log2_k_i == 4'd0) ? {16'd0, row[32*path+:16]} : {difference, sum};
    end
  endgenerate
  path_order #(
      .LOG2_PATHS(LOG2_PATHS),
      .INVERSE(1)
  ) u_order (
      .log2_k_i(log2_k_i),
      .words_i(last_row),
      .paths_o(natural)
  );
  always @(posedge clk) begin
    valid_o <= (enters ? valid_i : valids[2]) && !rst_i;
    tag_o   <= tag;
    row_o   <= natural;
  end
endmodule

`default_nettype wire
