// The mean of the last four samples, from one memory into another.
`default_nettype none

module smooth #(
    parameter LOG2_SAMPLES = 6
) (
    input  wire                      clk,
    input  wire                      rst_i,
    input  wire [    LOG2_SAMPLES:0] count_i,
    output wire                      done_o,
    output wire                      write_o,
    output wire [LOG2_SAMPLES - 1:0] place_o,
    output wire signed [       15:0] mean_o
);
  reg signed [15:0] samples[0:(1 << LOG2_SAMPLES) - 1];
  reg signed [15:0] means[0:(1 << LOG2_SAMPLES) - 1];

  reg [LOG2_SAMPLES:0] read_q, write_q;
  reg valid_q;
  reg signed [15:0] sample_q, a_q, b_q, c_q;

  wire signed [17:0] sum = sample_q + a_q + b_q + c_q;
  wire signed [17:0] quarter = sum >>> 2;

  assign done_o = write_q == count_i;
  assign write_o = valid_q && !done_o;
  assign place_o = write_q[LOG2_SAMPLES-1:0];
  assign mean_o = quarter[15:0];

  always @(posedge clk) begin
    sample_q <= samples[read_q[LOG2_SAMPLES-1:0]];
    if (write_o) means[place_o] <= mean_o;
    if (rst_i) begin
      {read_q, write_q} <= 0;
      {a_q, b_q, c_q} <= 0;
      valid_q <= 1'b0;
    end else begin
      read_q  <= read_q + 1'b1;
      valid_q <= 1'b1;
      if (write_o) begin
        write_q <= write_q + 1'b1;
        {a_q, b_q, c_q} <= {sample_q, a_q, b_q};
      end
    end
  end
endmodule

`default_nettype wire
