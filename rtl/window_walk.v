// Slides a window over a picture in row order: the address of the pixel under each tap, row by row, and whether the
// picture has that pixel. next_tap_i goes to the next tap, from the last back to the first; next_window_i to the first tap
// of the next window. Twin of `forEachTap` in src/layers/window.ts; the steps between addresses come from the descriptor.
`default_nettype none

module window_walk (
    input  wire        clk,
    input  wire        start_i,
    input  wire        next_tap_i,
    input  wire        next_window_i,
    input  wire [15:0] height_i,
    input  wire [15:0] width_i,
    input  wire [ 7:0] kernel_rows_i,
    input  wire [ 7:0] kernel_columns_i,
    input  wire [ 7:0] stride_i,
    input  wire [ 7:0] pad_i,
    input  wire [15:0] window_rows_i,
    input  wire [15:0] window_columns_i,
    input  wire [23:0] origin_i,          // address of the first window's first tap, also outside the picture
    input  wire [23:0] pixel_stride_i,    // from a pixel to its right neighbour
    input  wire [23:0] line_stride_i,     // to the one below
    input  wire [23:0] column_step_i,     // from a window to its right neighbour
    input  wire [23:0] row_step_i,        // to the one below
    output wire [23:0] address_o,
    output wire        inside_o,
    output wire        tap_last_o,
    output wire        window_last_o
);
  reg [7:0] tap_row_q, tap_column_q;
  reg [15:0] row_q, column_q;
  // Addresses of the tap, of the tap that begins its line, of the window, of the window that begins its row.
  reg [23:0] tap_q, tap_line_q, window_q, window_line_q;
  // Places of the tap and the window in the picture; a negative one is larger than any side.
  reg [17:0] y_q, x_q, top_q, left_q;

  wire tap_row_last = (tap_row_q == kernel_rows_i - 8'd1);
  wire tap_column_last = (tap_column_q == kernel_columns_i - 8'd1);
  wire row_last = (row_q == window_rows_i - 16'd1);
  wire column_last = (column_q == window_columns_i - 16'd1);
  assign tap_last_o = tap_row_last && tap_column_last;
  assign window_last_o = row_last && column_last;
  assign address_o = tap_q;
  assign inside_o = (y_q < {2'd0, height_i}) && (x_q < {2'd0, width_i});

  wire [17:0] margin = 18'd0 - {10'd0, pad_i};
  wire [23:0] next_line = window_line_q + row_step_i;
  wire [23:0] window_d = start_i ? origin_i : column_last ? next_line : window_q + column_step_i;
  wire [17:0] top_d = start_i ? margin : column_last ? top_q + {10'd0, stride_i} : top_q;
  wire [17:0] left_d = (start_i || column_last) ? margin : left_q + {10'd0, stride_i};

  always @(posedge clk) begin
    if (start_i || next_window_i) begin
      window_q <= window_d;
      top_q <= top_d;
      left_q <= left_d;
      if (start_i) window_line_q <= origin_i;
      else if (column_last) window_line_q <= next_line;
      column_q <= (start_i || column_last) ? 16'd0 : column_q + 16'd1;
      row_q <= start_i ? 16'd0 : column_last ? row_q + 16'd1 : row_q;
      tap_q <= window_d;
      tap_line_q <= window_d;
      y_q <= top_d;
      x_q <= left_d;
      tap_row_q <= 8'd0;
      tap_column_q <= 8'd0;
    end else if (next_tap_i) begin
      if (!tap_column_last) begin
        tap_q <= tap_q + pixel_stride_i;
        x_q <= x_q + 18'd1;
        tap_column_q <= tap_column_q + 8'd1;
      end else begin
        tap_q <= tap_row_last ? window_q : tap_line_q + line_stride_i;
        tap_line_q <= tap_row_last ? window_q : tap_line_q + line_stride_i;
        y_q <= tap_row_last ? top_q : y_q + 18'd1;
        x_q <= left_q;
        tap_row_q <= tap_row_last ? 8'd0 : tap_row_q + 8'd1;
        tap_column_q <= 8'd0;
      end
    end
  end
endmodule

`default_nettype wire
