// Sends words_i words of the activation memory, from base_i on, to an AXI4-Stream, natural order, tlast on the last.
// A word is read only if the queue has room for it and for those under way, so a stall of the stream loses nothing.
`default_nettype none

module transmit #(
    parameter ADDRESS_WIDTH = 13
) (
    input  wire                     clk,
    input  wire                     rst_i,
    input  wire                     start_i,
    input  wire [             23:0] base_i,
    input  wire [             23:0] words_i,
    output wire                     busy_o,
    output wire [ADDRESS_WIDTH-1:0] address_o,
    input  wire [             15:0] data_i,
    output wire [             15:0] m_axis_tdata,
    output wire                     m_axis_tvalid,
    input  wire                     m_axis_tready,
    output wire                     m_axis_tlast
);
  reg running_q, reading_q, reading_last_q;
  reg [23:0] count_q;
  wire [2:0] level;
  wire last = (count_q == words_i - 24'd1);
  wire issue = running_q && (level + {2'd0, reading_q} < 3'd4);

  wire [23:0] address = base_i + count_q;
  assign address_o = address[ADDRESS_WIDTH-1:0];
  assign busy_o = running_q || reading_q || m_axis_tvalid;

  always @(posedge clk) begin
    reading_last_q <= last;
    if (rst_i) begin
      running_q <= 1'b0;
      reading_q <= 1'b0;
      count_q   <= 24'd0;
    end else begin
      reading_q <= issue;
      if (start_i) begin
        running_q <= 1'b1;
        count_q   <= 24'd0;
      end else if (issue) begin
        count_q <= count_q + 24'd1;
        if (last) running_q <= 1'b0;
      end
    end
  end

  fifo #(
      .WIDTH(17),
      .ADDRESS_WIDTH(2)
  ) u_queue (
      .clk(clk),
      .rst_i(rst_i),
      .write_i(reading_q),
      .data_i({reading_last_q, data_i}),
      .level_o(level),
      .valid_o(m_axis_tvalid),
      .ready_i(m_axis_tready),
      .data_o({m_axis_tlast, m_axis_tdata})
  );

  wire _unused_ok = &{1'b0, address};
endmodule

`default_nettype wire
