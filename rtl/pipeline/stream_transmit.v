// Sends the vectors of a ring to an AXI4-Stream, 2^LOG2_STREAM words a beat, natural order, tlast and the valid words'
// tkeep on the last. Words are read only if the queue has room for them and for those under way, so a stall of the stream
// loses nothing. packed_i and the rows as in stream_receive.v.
`default_nettype none

module stream_transmit #(
    parameter LOG2_STREAM = 0
) (
    input  wire                         clk,
    input  wire                         rst_i,
    input  wire [                 23:0] words_i,
    input  wire                         packed_i,
    input  wire [                 23:0] row_words_i,
    input  wire [                 23:0] row_stride_i,
    input  wire [                 23:0] entry_stride_i,
    input  wire [                  7:0] entries_i,
    input  wire                         complete_i,      // a vector stands in the ring
    output wire                         release_o,       // the entry of the oldest is free again
    output wire [                 23:0] base_o,
    input  wire [(16<<LOG2_STREAM)-1:0] data_i,          // two cycles after its address
    output wire [(16<<LOG2_STREAM)-1:0] m_axis_tdata,
    output wire [ (2<<LOG2_STREAM)-1:0] m_axis_tkeep,
    output wire                         m_axis_tvalid,
    input  wire                         m_axis_tready,
    output wire                         m_axis_tlast
);
  localparam STREAM = 1 << LOG2_STREAM;
  localparam [23:0] BEAT_WORDS = STREAM;
  localparam [4:0] BEAT_STEPS = STREAM;

  reg [7:0] complete_q, entry_q;
  reg [23:0] entry_base_q, count_q, row_base_q, column_q;
  reg [1:0] reading_q, read_last_q;
  wire [3:0] level;
  wire [3:0] under_way = {3'd0, reading_q[0]} + {3'd0, reading_q[1]};
  wire issue = (complete_q != 8'd0) && (level + under_way < 4'd7);
  wire [23:0] count_d = count_q + (packed_i ? BEAT_WORDS : 24'd1);
  wire last = (count_d >= words_i);
  wire column_last = (column_q == row_words_i - 24'd1);
  wire entry_last = (entry_q == entries_i - 8'd1);
  wire [23:0] entry_base_d = entry_last ? 24'd0 : entry_base_q + entry_stride_i;
  assign base_o = packed_i ? entry_base_q + count_q : row_base_q + column_q;
  assign release_o = issue && last;

  always @(posedge clk) begin
    if (rst_i) begin
      complete_q <= 8'd0;
      entry_q <= 8'd0;
      entry_base_q <= 24'd0;
      count_q <= 24'd0;
      row_base_q <= 24'd0;
      column_q <= 24'd0;
      reading_q <= 2'd0;
    end else begin
      complete_q <= complete_q + {7'd0, complete_i} - {7'd0, release_o};
      reading_q  <= {reading_q[0], issue};
      if (issue) begin
        count_q <= last ? 24'd0 : count_d;
        column_q <= (last || column_last) ? 24'd0 : column_q + 24'd1;
        if (last) begin
          entry_q <= entry_last ? 8'd0 : entry_q + 8'd1;
          entry_base_q <= entry_base_d;
          row_base_q <= entry_base_d;
        end else if (column_last) row_base_q <= row_base_q + row_stride_i;
      end
    end
    read_last_q <= {read_last_q[0], last};
  end

  // Words of the last beat.
  wire [23:0] rest = words_i & (BEAT_WORDS - 24'd1);
  wire [4:0] last_words = (rest == 24'd0) ? BEAT_STEPS : rest[4:0];

  // Word by word a beat is gathered first.
  reg [16*STREAM-1:0] gathered_q;
  reg [4:0] words_q;
  wire [16*(STREAM+1)-1:0] placed = {{16 * STREAM{1'b0}}, data_i[15:0]} << {words_q, 4'd0};
  wire [16*STREAM-1:0] gathered_d = ((words_q == 5'd0) ? {16 * STREAM{1'b0}} : gathered_q) | placed[16*STREAM-1:0];
  wire arrives = reading_q[1];
  wire ends = read_last_q[1];
  wire beat_ends = packed_i || ends || (words_q == BEAT_STEPS - 5'd1);
  always @(posedge clk) begin
    if (rst_i) words_q <= 5'd0;
    else if (arrives && !packed_i) words_q <= beat_ends ? 5'd0 : words_q + 5'd1;
    if (arrives) gathered_q <= gathered_d;
  end

  wire [16*STREAM-1:0] words;
  fifo #(
      .WIDTH(16 * STREAM + 1),
      .ADDRESS_WIDTH(3)
  ) u_queue (
      .clk(clk),
      .rst_i(rst_i),
      .write_i(arrives && beat_ends),
      .data_i({ends, packed_i ? data_i : gathered_d}),
      .level_o(level),
      .valid_o(m_axis_tvalid),
      .ready_i(m_axis_tready),
      .data_o({m_axis_tlast, words})
  );
  genvar word;
  generate
    for (word = 0; word < STREAM; word = word + 1) begin : g_word
      localparam [4:0] WORD = word;
      wire kept = !m_axis_tlast || (WORD < last_words);
      assign m_axis_tkeep[2*word+:2] = {2{kept}};
      assign m_axis_tdata[16*word+:16] = kept ? words[16*word+:16] : 16'd0;
    end
  endgenerate

  wire _unused_ok = &{1'b0, rest, placed};
endmodule

`default_nettype wire
