// Issues the jobs of a network in order: operation by operation, and each operation for all vectors of a round, one after
// the other, so that a job need not wait for the one before. A round takes the vectors that have arrived when its first
// operation is issued, at most slots_i. A job starts when
//   the unit that reads is free, and the job of the operation before on the same vector is done;
//   spectra: the spectrum memory has room for it (buffers_i jobs);  words: no other job is under way;
//   the last operation: the output ring has an entry.
// Where its tensors lie: an entry of the input ring or the vector's arena; an entry of the output ring or the arena.
`default_nettype none

module job_sequencer #(
    parameter LAYER_WIDTH = 5
) (
    input  wire                   clk,
    input  wire                   rst_i,
    input  wire [            7:0] operations_i,
    input  wire [            7:0] slots_i,
    input  wire [            1:0] buffers_i,        // jobs that the spectrum memory holds
    input  wire [           23:0] spectrum_stride_i,
    input  wire [           23:0] arena_stride_i,
    input  wire [           23:0] input_stride_i,
    input  wire [            7:0] input_entries_i,
    input  wire [           23:0] output_stride_i,
    input  wire [            7:0] output_entries_i,
    input  wire                   arrived_i,        // a vector stands in the input ring
    input  wire                   transmitted_i,    // an entry of the output ring is free again
    output reg  [LAYER_WIDTH-1:0] operation_o,      // address of its descriptor
    input  wire                   is_vector_i,      // of the descriptor, a cycle later: works on words
    input  wire                   reads_input_i,
    input  wire                   writes_output_i,
    input  wire                   forward_ready_i,
    input  wire                   vector_busy_i,
    input  wire                   queue_ready_i,    // of the jobs under way
    input  wire                   spectra_read_i,   // the spectra of a job are not needed any more
    input  wire                   done_i,           // a job is done
    output wire                   start_spectra_o,
    output wire                   start_vector_o,
    output reg  [           23:0] spectrum_base_o,  // of the spectra of this job
    output wire [           23:0] from_o,           // base of what it reads
    output wire [           23:0] to_o,             // and writes
    output wire                   idle_o
);
  localparam [1:0] NEXT = 0, FETCH = 1, READY = 2;
  localparam [LAYER_WIDTH-1:0] ONE = 1;

  reg [1:0] state_q, spectra_q, buffer_q;
  reg [7:0] slot_q, round_q, available_q, under_way_q, outputs_q, entry_q, first_entry_q, output_entry_q;
  reg [23:0] arena_q, entry_base_q, first_base_q, output_base_q;
  wire first_operation = (operation_o == {LAYER_WIDTH{1'b0}});
  wire [7:0] operation = {{(8 - LAYER_WIDTH) {1'b0}}, operation_o};
  wire last_operation = (operation == operations_i - 8'd1);

  // The next job: another vector, or the next operation from the round's first vector on.
  wire more = first_operation ? (slot_q < slots_i && available_q != 8'd0) : (slot_q < round_q);
  wire closes = !more && (slot_q != 8'd0);
  wire taken = (state_q == NEXT) && first_operation && more;

  wire depends = !first_operation && (under_way_q >= round_q);
  wire room = !writes_output_i || (outputs_q != output_entries_i);
  wire may_start = (state_q == READY) && !depends && room && !vector_busy_i && queue_ready_i;
  assign start_spectra_o = may_start && !is_vector_i && forward_ready_i && (spectra_q != buffers_i);
  assign start_vector_o = may_start && is_vector_i && (under_way_q == 8'd0);
  wire start = start_spectra_o || start_vector_o;
  assign from_o = reads_input_i ? entry_base_q : arena_q;
  assign to_o = writes_output_i ? output_base_q : arena_q;
  assign idle_o = (state_q == NEXT) && (under_way_q == 8'd0) && first_operation && (slot_q == 8'd0);

  wire entry_last = (entry_q == input_entries_i - 8'd1);
  wire buffer_last = (buffer_q == buffers_i - 2'd1);
  wire output_last = (output_entry_q == output_entries_i - 8'd1);
  always @(posedge clk) begin
    if (rst_i) begin
      state_q <= NEXT;
      operation_o <= {LAYER_WIDTH{1'b0}};
      slot_q <= 8'd0;
      round_q <= 8'd0;
      available_q <= 8'd0;
      under_way_q <= 8'd0;
      outputs_q <= 8'd0;
      spectra_q <= 2'd0;
      buffer_q <= 2'd0;
      spectrum_base_o <= 24'd0;
      arena_q <= 24'd0;
      entry_q <= 8'd0;
      first_entry_q <= 8'd0;
      entry_base_q <= 24'd0;
      first_base_q <= 24'd0;
      output_entry_q <= 8'd0;
      output_base_q <= 24'd0;
    end else begin
      available_q <= available_q + {7'd0, arrived_i} - {7'd0, taken};
      under_way_q <= under_way_q + {7'd0, start} - {7'd0, done_i};
      outputs_q   <= outputs_q + {7'd0, start && writes_output_i} - {7'd0, transmitted_i};
      spectra_q   <= spectra_q + {1'b0, start_spectra_o} - {1'b0, spectra_read_i};
      case (state_q)
        NEXT: begin
          if (more) state_q <= FETCH;
          else if (closes) begin
            // The round's vectors are known after the first operation; after the last a new round begins.
            if (first_operation) round_q <= slot_q;
            slot_q  <= 8'd0;
            arena_q <= 24'd0;
            if (last_operation) begin
              operation_o   <= {LAYER_WIDTH{1'b0}};
              first_entry_q <= entry_q;
              first_base_q  <= entry_base_q;
            end else begin
              operation_o  <= operation_o + ONE;
              entry_q      <= first_entry_q;
              entry_base_q <= first_base_q;
            end
          end
        end
        FETCH: state_q <= READY;
        default:
        if (start) begin
          state_q <= NEXT;
          slot_q <= slot_q + 8'd1;
          arena_q <= arena_q + arena_stride_i;
          entry_q <= entry_last ? 8'd0 : entry_q + 8'd1;
          entry_base_q <= entry_last ? 24'd0 : entry_base_q + input_stride_i;
          if (start_spectra_o) begin
            buffer_q <= buffer_last ? 2'd0 : buffer_q + 2'd1;
            spectrum_base_o <= buffer_last ? 24'd0 : spectrum_base_o + spectrum_stride_i;
          end
          if (writes_output_i) begin
            output_entry_q <= output_last ? 8'd0 : output_entry_q + 8'd1;
            output_base_q  <= output_last ? 24'd0 : output_base_q + output_stride_i;
          end
        end
      endcase
    end
  end
endmodule

`default_nettype wire
