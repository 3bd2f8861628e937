// Takes vectors from an AXI4-Stream, 2^LOG2_STREAM words a beat, natural order, into the entries of a ring. A vector is
// words_i words and its last beat carries tlast; words of that beat past the end are passed over. A tlast that comes early
// drops the vector received so far, one that is missing is passed over; each sets a sticky flag. tready is a register.
// packed_i: the words of an entry lie side by side, and a beat is taken every cycle; otherwise they lie in rows of
// row_words_i words, row_stride_i apart, and a beat is written word by word.
`default_nettype none

module stream_receive #(
    parameter LOG2_STREAM = 0,
    parameter LOG2_WORDS = 3
) (
    input  wire                         clk,
    input  wire                         rst_i,
    input  wire [                 23:0] words_i,
    input  wire                         packed_i,
    input  wire [                 23:0] row_words_i,
    input  wire [                 23:0] row_stride_i,
    input  wire [                 23:0] entry_stride_i,
    input  wire [                  7:0] entries_i,
    input  wire [(16<<LOG2_STREAM)-1:0] s_axis_tdata,
    input  wire                         s_axis_tvalid,
    output wire                         s_axis_tready,
    input  wire                         s_axis_tlast,
    output reg  [  (1<<LOG2_WORDS)-1:0] write_o,
    output reg  [                 23:0] base_o,
    output reg  [ (16<<LOG2_WORDS)-1:0] row_o,
    output reg                          arrived_o,       // a vector is complete
    input  wire                         release_i,       // the entry of the oldest is free again
    output reg                          tlast_missing_o,
    output reg                          tlast_unexpected_o
);
  localparam STREAM = 1 << LOG2_STREAM;
  localparam WORDS = 1 << LOG2_WORDS;
  localparam [23:0] BEAT_WORDS = STREAM;
  localparam [4:0] BEAT_STEPS = STREAM;

  reg ready_q, vector_ends_q;
  reg [7:0] entry_q, occupied_q;
  reg [23:0] entry_base_q, count_q, row_base_q, column_q;
  reg [4:0] left_q;  // words of a beat that are still to be written
  reg [16*STREAM-1:0] beat_q;
  assign s_axis_tready = ready_q;

  wire beat = s_axis_tvalid && ready_q;
  wire vector_last = (count_q + BEAT_WORDS >= words_i);
  wire early = beat && s_axis_tlast && !vector_last;
  wire step = (left_q != 5'd0);
  wire step_last = (left_q == 5'd1);
  // Words counted at a beat, so that those past the end are not written.
  reg [23:0] written_q;
  wire write_word = step && (written_q < words_i);
  wire column_last = (column_q == row_words_i - 24'd1);
  wire complete = packed_i ? (beat && vector_last) : (step_last && vector_ends_q);
  wire [7:0] occupied_d = occupied_q + {7'd0, complete} - {7'd0, release_i};
  wire room = (occupied_d < entries_i);
  wire entry_last = (entry_q == entries_i - 8'd1);
  wire [23:0] entry_base_d = entry_last ? 24'd0 : entry_base_q + entry_stride_i;

  // Wider than a row, so that a beat may be as wide.
  wire [WORDS+STREAM-1:0] beat_mask = {{WORDS{1'b0}}, {STREAM{beat}}};
  wire [WORDS:0] word_mask = {{WORDS{1'b0}}, write_word};
  wire [16*(WORDS+STREAM)-1:0] beat_row = {{16 * WORDS{1'b0}}, s_axis_tdata};
  wire [16*(WORDS+1)-1:0] word_row = {{16 * WORDS{1'b0}}, beat_q[15:0]};

  always @(posedge clk) begin
    if (rst_i) begin
      ready_q <= 1'b0;
      vector_ends_q <= 1'b0;
      entry_q <= 8'd0;
      occupied_q <= 8'd0;
      entry_base_q <= 24'd0;
      count_q <= 24'd0;
      written_q <= 24'd0;
      row_base_q <= 24'd0;
      column_q <= 24'd0;
      left_q <= 5'd0;
      arrived_o <= 1'b0;
      write_o <= {WORDS{1'b0}};
      tlast_missing_o <= 1'b0;
      tlast_unexpected_o <= 1'b0;
    end else begin
      occupied_q <= occupied_d;
      arrived_o  <= complete;
      ready_q    <= room && (packed_i || (left_q <= 5'd1 && !beat));
      if (beat) begin
        count_q <= (vector_last || early) ? 24'd0 : count_q + BEAT_WORDS;
        vector_ends_q <= vector_last;
        if (vector_last && !s_axis_tlast) tlast_missing_o <= 1'b1;
        if (early) tlast_unexpected_o <= 1'b1;
      end
      if (complete) begin
        entry_q <= entry_last ? 8'd0 : entry_q + 8'd1;
        entry_base_q <= entry_base_d;
      end

      // Word by word.
      if (beat && !packed_i) left_q <= BEAT_STEPS;
      else if (step) left_q <= left_q - 5'd1;
      if (complete) begin
        written_q <= 24'd0;
        column_q <= 24'd0;
        row_base_q <= entry_base_d;
      end else if (early) begin
        written_q <= 24'd0;
        column_q <= 24'd0;
        row_base_q <= entry_base_q;
        left_q <= 5'd0;
      end else if (write_word) begin
        written_q <= written_q + 24'd1;
        column_q <= column_last ? 24'd0 : column_q + 24'd1;
        if (column_last) row_base_q <= row_base_q + row_stride_i;
      end

      write_o <= packed_i ? beat_mask[WORDS-1:0] : word_mask[WORDS-1:0];
    end
    beat_q <= beat ? s_axis_tdata : beat_q >> 16;
    base_o <= packed_i ? entry_base_q + count_q : row_base_q + column_q;
    row_o  <= packed_i ? beat_row[16*WORDS-1:0] : word_row[16*WORDS-1:0];
  end

  wire _unused_ok = &{1'b0, beat_mask, beat_row, word_mask, word_row};
endmodule

`default_nettype wire
