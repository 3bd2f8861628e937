// Takes one vector from an AXI4-Stream, a word a beat, natural order, into the activation memory from base_i on.
// ready_o is a register. A vector is words_i beats and its last beat carries tlast: a tlast that comes early drops the
// vector received so far, one that is missing is passed over; each sets a sticky flag.
`default_nettype none

module receive #(
    parameter ADDRESS_WIDTH = 13
) (
    input  wire                     clk,
    input  wire                     rst_i,
    input  wire                     start_i,
    input  wire [             23:0] base_i,
    input  wire [             23:0] words_i,
    output wire                     busy_o,
    input  wire [             15:0] s_axis_tdata,
    input  wire                     s_axis_tvalid,
    output wire                     s_axis_tready,
    input  wire                     s_axis_tlast,
    output reg                      write_o,
    output reg  [ADDRESS_WIDTH-1:0] address_o,
    output reg  [             15:0] data_o,
    output reg                      tlast_missing_o,
    output reg                      tlast_unexpected_o
);
  reg ready_q;
  reg [23:0] count_q;
  wire last = (count_q == words_i - 24'd1);
  wire [23:0] address = base_i + count_q;
  wire beat = s_axis_tvalid && ready_q;

  assign s_axis_tready = ready_q;
  assign busy_o = ready_q || write_o;

  always @(posedge clk) begin
    data_o    <= s_axis_tdata;
    address_o <= address[ADDRESS_WIDTH-1:0];
    if (rst_i) begin
      ready_q <= 1'b0;
      count_q <= 24'd0;
      write_o <= 1'b0;
      tlast_missing_o <= 1'b0;
      tlast_unexpected_o <= 1'b0;
    end else begin
      write_o <= beat;
      if (start_i) begin
        ready_q <= 1'b1;
        count_q <= 24'd0;
      end else if (beat) begin
        count_q <= (s_axis_tlast && !last) ? 24'd0 : count_q + 24'd1;
        if (last) ready_q <= 1'b0;
        if (last && !s_axis_tlast) tlast_missing_o <= 1'b1;
        if (!last && s_axis_tlast) tlast_unexpected_o <= 1'b1;
      end
    end
  end

  wire _unused_ok = &{1'b0, address};
endmodule

`default_nettype wire
